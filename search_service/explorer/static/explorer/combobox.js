// Completion of what is being typed: the combobox with a listbox of the ARIA Authoring Practices.

import { get } from "./api.js";
import { element } from "./dom.js";

const PAUSE_MS = 100;
const GROUPS = [
    ["conditions", "Condition", (item) => [item.name, item.matched_name !== item.name ? item.matched_name : ""]],
    ["specialties", "Specialty", (item) => [item.name, item.matched_name !== item.name ? item.matched_name : ""]],
    ["phrases", "Search", (item) => [item.text, item.condition.name]],
    ["doctors", "Doctor", (item) => [item.name, ""]],
    ["places", "Place", (item) => [item.text, item.label]],
];

// `parameters` gives what the API is asked by besides the text. `choose` is called when an option was taken; the input
// has its text by then.
export function complete(input, listbox, status, parameters, choose) {
    let asking = new AbortController();
    let pause;
    let options = [];
    let active = -1;

    function close() {
        clearTimeout(pause);
        asking.abort();
        options = [];
        active = -1;
        listbox.hidden = true;
        listbox.replaceChildren();
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }

    function take(option) {
        input.value = option.dataset.text;
        close();
        choose();
    }

    function mark(index) {
        options[active]?.setAttribute("aria-selected", "false");
        active = index;
        const option = options[active];
        if (!option) {
            input.removeAttribute("aria-activedescendant");
            return;
        }
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
    }

    function show(suggestions) {
        options = [];
        const groups = [];
        for (const [key, label, read] of GROUPS) {
            const made = suggestions[key].map((item) => {
                const [text, hint] = read(item);
                const option = element(
                    "li",
                    { role: "option", id: `option-${options.length}`, "aria-selected": "false", "data-text": text },
                    text,
                    hint && hint !== text ? element("span", { class: "hint" }, ` ${hint}`) : null,
                );
                // Before the input loses the focus.
                option.addEventListener("mousedown", (event) => {
                    event.preventDefault();
                    take(option);
                });
                options.push(option);
                return option;
            });
            if (made.length) {
                const heading = element("li", { role: "presentation", id: `group-${key}`, class: "group" }, label);
                const list = element("ul", { role: "group", "aria-labelledby": heading.id }, heading, made);
                groups.push(element("li", { role: "none" }, list));
            }
        }
        listbox.replaceChildren(...groups);
        listbox.hidden = !options.length;
        input.setAttribute("aria-expanded", String(Boolean(options.length)));
        active = -1;
        input.removeAttribute("aria-activedescendant");
        status.textContent = options.length
            ? `${options.length} suggestions. Use the arrow keys.`
            : "No suggestions.";
    }

    async function ask() {
        asking.abort();
        asking = new AbortController();
        const { signal } = asking;
        try {
            const suggestions = await get("suggest/", { q: input.value.trim(), limit: 4, ...parameters() }, signal);
            if (!signal.aborted && document.activeElement === input) show(suggestions);
        } catch {
            // Without completion one can still search.
            if (!signal.aborted) close();
        }
    }

    input.addEventListener("input", () => {
        clearTimeout(pause);
        if (/[\p{L}\p{N}]/u.test(input.value)) pause = setTimeout(ask, PAUSE_MS);
        else close();
    });
    input.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !listbox.hidden) {
            event.preventDefault();
            close();
        } else if (event.key === "Enter" && options[active]) {
            event.preventDefault();
            take(options[active]);
        } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
            event.preventDefault();
            // One step beyond either end stands for the text as it was typed.
            const steps = options.length + 1;
            const step = event.key === "ArrowDown" ? 1 : -1;
            mark(((active + 1 + step + steps) % steps) - 1);
        }
    });
    input.addEventListener("blur", close);
    return close;
}
