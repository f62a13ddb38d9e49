// Elements made of data: text is always text.

export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    assign(made, attributes);
    made.append(...present(children));
    return made;
}

export function svg(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    assign(made, attributes);
    made.append(...present(children));
    return made;
}

// HTML that editors wrote and the CMS cleaned; the page's policy runs no script of it.
export function html(name, attributes, source) {
    const made = element(name, attributes);
    made.innerHTML = source;
    return made;
}

function assign(made, attributes) {
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (value === true) made.setAttribute(key, "");
        else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
    }
}

function present(children) {
    return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
