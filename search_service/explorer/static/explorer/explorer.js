// The search page. What is looked for stands behind the "#" of the address: a link says all of it, and no server,
// proxy or log is told by loading the page.

import { Problem, get } from "./api.js";
import { complete } from "./combobox.js";
import { element, html } from "./dom.js";
import { draw } from "./map.js";

// What the address may hold: the line; what overrules its understanding; the filters and the order.
const OVERRULING = ["condition", "specialty", "name", "place", "intent"];
const FILTERS = ["language", "specialty_filter", "gender", "telehealth", "accepting_new_patients"];
const KNOWN = ["q", ...OVERRULING, ...FILTERS, "sort", "locale"];
const LEGENDS = {
    accepting_new_patients: "New patients",
    telehealth: "Telehealth",
    language: "Language",
    gender: "Gender",
    specialty_filter: "Specialty",
};
const YES_ONLY = { accepting_new_patients: "Accepts new patients", telehealth: "Offers telehealth" };
const ORDERS = { distance: "Nearest first", best: "Best first", name: "By name" };
const VALUES_SHOWN = 8;

const byId = (id) => document.getElementById(id);
const input = byId("q");
const tongue = byId("locale"); // null if everything is in one language
const parts = Object.fromEntries(
    ["status", "alert", "understood", "filters", "doctors", "article", "examples"].map((id) => [id, byId(id)]),
);
const languageNames = new Intl.DisplayNames(["en"], { type: "language" });
const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

let running = new AbortController();
let position = null; // the caller's, when given: never in the address

// --- The address.

function asked() {
    const given = new URLSearchParams(location.hash.slice(1));
    return Object.fromEntries(KNOWN.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

function chosenLocale() {
    return pick(asked(), ["locale"]);
}

function go(query) {
    const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    const hash = `#${given}`;
    if (hash === location.hash) run();
    else location.hash = hash; // run() follows by the event
}

function linkTo(changes) {
    return `#${new URLSearchParams(Object.entries({ ...asked(), ...changes }).filter(([, value]) => value))}`;
}

// --- One search.

async function run() {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const query = asked();
    if (document.activeElement !== input || query.q) input.value = query.q ?? "";
    if (tongue) tongue.value = query.locale ?? "";
    for (const example of parts.examples.querySelectorAll("a")) {
        const { q } = Object.fromEntries(new URLSearchParams(example.hash.slice(1)));
        example.hash = new URLSearchParams({ q, ...chosenLocale() });
    }
    closeSuggestions();
    parts.examples.hidden = Boolean(query.q);
    if (!query.q) {
        clear();
        document.title = "Doctors near you";
        return;
    }
    document.body.setAttribute("aria-busy", "true");
    parts.status.textContent = "Searching …";
    try {
        const found = await get("search/", { ...pick(query, ["q", ...OVERRULING, "locale"]), ...(position ?? {}) }, signal);
        const [doctors, article] = await Promise.all([
            found.doctors?.parameters ? get("doctors/", doctorParameters(found, query), signal) : found.doctors,
            found.article && get(`conditions/${found.article.slug}/`, chosenLocale(), signal),
        ]);
        show(query, found, doctors, article);
    } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        refuse(error.body);
    } finally {
        if (!signal.aborted) document.body.removeAttribute("aria-busy");
    }
}

function doctorParameters(found, query) {
    const { specialty_filter, ...filters } = pick(query, FILTERS);
    return {
        telehealth_in: found.query.place?.match?.country.code,
        ...found.doctors.parameters,
        ...filters,
        ...(specialty_filter ? { specialty: specialty_filter } : {}),
        ...pick(query, ["sort", "locale"]),
    };
}

function pick(query, names) {
    return Object.fromEntries(names.filter((name) => name in query).map((name) => [name, query[name]]));
}

function clear() {
    for (const part of Object.values(parts)) {
        if (part !== parts.examples) part.replaceChildren();
    }
}

function refuse(problem) {
    clear();
    const told = [
        element("h2", {}, problem.title),
        problem.detail && element("p", {}, problem.detail),
        choices("Perhaps", problem.suggestions ?? [], (place) => ({ place: place.slug }), labelOf),
    ];
    parts.alert.replaceChildren(...told.filter(Boolean));
    parts.status.textContent = problem.title;
}

function show(query, found, doctors, article) {
    const focused = document.activeElement?.id;
    const where = placeName(found.query);
    parts.alert.replaceChildren(
        ...(found.notice
            ? [element("p", { class: "notice", lang: found.notice.locale }, found.notice.text)]
            : []),
    );
    parts.understood.replaceChildren(...understood(found));
    parts.filters.replaceChildren(...filters(query, found, doctors?.facets));
    parts.doctors.replaceChildren(...doctorList(query, found, doctors));
    parts.article.replaceChildren(...articleOf(query, found, article));
    const what = found.query.what?.match?.name ?? found.query.what?.name ?? "";
    document.title = [what || "Doctors", where && `near ${where}`].filter(Boolean).join(" ");
    parts.status.textContent = headline(found, doctors);
    if (focused) byId(focused)?.focus();
}

// --- How it was understood.

function understood(found) {
    const { what, place, did_you_mean, unused, here } = found.query;
    const said = [];
    if (did_you_mean) said.push(element("p", {}, "Taken as ", element("strong", {}, did_you_mean), "."));
    if (what) {
        const words = {
            ambiguous: "Several things are called so. Shown: ",
            approximate: "Nearest to what you typed: ",
            text: "Articles that speak of it:",
            none: "Nothing here is called so.",
        };
        const name = what.match?.name ?? what.name;
        said.push(element("p", {}, words[what.status] ?? "Looking for ", name && element("strong", {}, name), name && "."));
        said.push(
            choices("Or", what.alternatives, (other) => ({ condition: "", specialty: "", [other.kind]: other.slug }), (other) => other.name),
        );
    }
    if (place) {
        if (place.match) {
            const words = { ambiguous: "Several places are called so. Near ", approximate: "Probably near " };
            said.push(element("p", {}, words[place.status] ?? "Near ", element("strong", {}, labelOf(place.match)), "."));
            said.push(choices("Or", place.alternatives, (other) => ({ place: other.slug }), labelOf));
        } else {
            said.push(element("p", {}, "No place is known as ", element("strong", {}, place.text), "."));
            said.push(choices("Perhaps", place.suggestions, (other) => ({ place: other.slug }), labelOf));
        }
    } else if (here && !position) {
        said.push(element("p", {}, "Say where you are: add a place, or use your position."));
    }
    if (unused.length) said.push(element("p", { class: "hint" }, `Not used: ${unused.join(", ")}.`));
    return said.filter(Boolean);
}

// Links that overrule what was understood; null if there is nothing to choose.
function choices(intro, items, changes, label) {
    if (!items.length) return null;
    return element(
        "ul",
        { class: "choices", "aria-label": intro },
        element("li", { class: "hint", "aria-hidden": "true" }, `${intro}:`),
        items.map((item) => element("li", {}, element("a", { href: linkTo(changes(item)) }, label(item)))),
    );
}

function labelOf(place) {
    return place.label ?? place.name;
}

function placeName(query) {
    return query.place?.match?.name ?? (query.point && position ? "you" : "");
}

// --- Filters.

function filters(query, found, facets) {
    if (!facets) return [];
    const counts = {
        accepting_new_patients: facets.accepting_new_patients,
        telehealth: facets.telehealth,
        language: facets.language,
        gender: facets.gender,
        // Where a specialty is what is looked for, it is no filter.
        specialty_filter: found.doctors.parameters.condition ? facets.specialty : [],
    };
    const made = Object.entries(counts).map(([name, values]) => filter(query, name, values)).filter(Boolean);
    const order = element(
        "select",
        { id: "sort", onchange: (event) => go({ ...asked(), sort: event.target.value }) },
        Object.entries(ORDERS).map(([value, label]) =>
            element("option", { value, selected: (query.sort ?? "distance") === value }, label),
        ),
    );
    const chosen = FILTERS.some((name) => query[name]);
    return [
        element(
            "details",
            { open: chosen || matchMedia("(min-width: 60rem)").matches },
            element("summary", {}, "Filter and sort"),
            element("p", {}, element("label", { for: "sort" }, "Order "), order),
            made,
            chosen && element("p", {}, element("a", { href: linkTo(Object.fromEntries(FILTERS.map((f) => [f, ""]))) }, "Remove all filters")),
        ),
    ];
}

function filter(query, name, values) {
    const chosen = new Set((query[name] ?? "").split(",").filter(Boolean));
    const offered = values.filter(({ value }) => !(name in YES_ONLY) || value === "true").slice(0, VALUES_SHOWN);
    for (const value of chosen) {
        // Nobody is left for it: it can be taken back nevertheless.
        if (!offered.some((one) => String(one.value) === value)) offered.push({ value, count: 0 });
    }
    if (!offered.length) return null;
    return element(
        "fieldset",
        {},
        element("legend", {}, LEGENDS[name]),
        offered.map(({ value, count, name: called }) => {
            const id = `filter-${name}-${value}`;
            const box = element("input", {
                type: "checkbox",
                id,
                checked: chosen.has(String(value)),
                onchange: (event) => {
                    if (event.target.checked) chosen.add(String(value));
                    else chosen.delete(String(value));
                    go({ ...asked(), [name]: [...chosen].join(",") });
                },
            });
            return element("p", {}, box, element("label", { for: id }, ` ${called ?? valueName(name, value)} (${count})`));
        }),
    );
}

function valueName(filterName, value) {
    if (filterName in YES_ONLY) return YES_ONLY[filterName];
    if (filterName === "language") return languageName(value);
    return capitalised(value.replaceAll("-", " "));
}

function languageName(tag) {
    try {
        return languageNames.of(tag);
    } catch {
        return tag;
    }
}

function capitalised(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

// --- Doctors.

function headline(found, doctors) {
    if (!doctors) return "";
    const { total, radius_km, widened_to_km } = doctors;
    const number = `${total.relation === "gte" ? "At least " : ""}${total.value.toLocaleString("en")}`;
    const noun = total.value === 1 ? "doctor" : "doctors";
    const where = placeName(found.query);
    if (!found.query.point) return `${number} ${noun}`;
    if (!total.value) return `No doctor within ${widened_to_km ?? radius_km} km${where && ` of ${where}`}`;
    const within = widened_to_km
        ? ` within ${widened_to_km} km${where && ` of ${where}`}, none within ${radius_km} km`
        : ` within ${radius_km} km${where && ` of ${where}`}`;
    return number + " " + noun + (radius_km === null ? "" : within);
}

function doctorList(query, found, doctors) {
    if (!doctors) {
        return found.query.what?.match && !found.query.point && !found.query.place
            ? [element("p", {}, "Add a place to see the doctors nearest to it, such as “near Leh”.")]
            : [];
    }
    const specialtyNames = new Map((doctors.facets?.specialty ?? []).map(({ value, name }) => [value, name]));
    const list = element("ol", { class: "doctors" });
    const add = (results) => {
        const already = list.children.length;
        list.append(...results.map((doctor, index) => card(doctor, already + index + 1, specialtyNames)));
    };
    add(doctors.results);
    const centre = found.query.point && { ...found.query.point, name: placeName(found.query) || "the point" };
    const map = element("div", { class: "map" });
    const redraw = (results) => centre && results.length && map.replaceChildren(draw(centre, results));
    redraw(doctors.results);
    const from = telehealthList(doctors, specialtyNames);
    return [
        element("h2", {}, headline(found, doctors)),
        map,
        list,
        more(query, found, doctors, add, redraw),
        ...from,
        doctors.total.value || from.length
            ? null
            : element("p", {}, "Try fewer filters, another place, or ", element("a", { href: linkTo({ q: found.query.what?.text ?? query.q, place: "" }) }, "read the article"), "."),
    ].filter(Boolean);
}

function more(query, found, doctors, add, redraw) {
    if (!doctors.next || !found.doctors.parameters) return null;
    let { next } = doctors;
    const shown = [...doctors.results];
    const button = element("button", { type: "button", class: "more" }, "More doctors");
    button.addEventListener("click", async () => {
        button.disabled = true;
        try {
            const page = await get("doctors/", { ...doctorParameters(found, query), cursor: next }, running.signal);
            shown.push(...page.results);
            add(page.results);
            redraw(shown);
            next = page.next;
            byId(`doctor-${shown.length - page.results.length + 1}`)?.focus();
            if (!next) button.remove();
        } catch (error) {
            if (error instanceof Problem) parts.status.textContent = error.message;
            else if (!running.signal.aborted) throw error;
        } finally {
            button.disabled = false;
        }
    });
    return button;
}

function telehealthList(doctors, specialtyNames) {
    if (!doctors.telehealth?.results.length) return [];
    return [
        element("h2", {}, "By telehealth"),
        element("p", {}, "Nobody is in reach. These may treat patients in that country from afar:"),
        element("ol", { class: "doctors" }, doctors.telehealth.results.map((one) => card(one, null, specialtyNames))),
    ];
}

function card(doctor, number, specialtyNames) {
    const { practice, why_listed: why } = doctor;
    const specialty = (slug) => specialtyNames.get(slug) ?? capitalised(slug.replaceAll("-", " "));
    const reason =
        why?.by === "condition" ? "States to treat this condition" : why?.by === "specialty" ? `Listed for ${specialty(why.specialty)}` : null;
    const address = [practice.address.street, practice.address.locality, practice.address.region].filter(Boolean).join(", ");
    const facts = [
        reason,
        doctor.accepting_new_patients ? "Accepts new patients" : "Accepts no new patients",
        doctor.telehealth && "Telehealth",
        doctor.languages.length && `Speaks ${doctor.languages.map(languageName).join(", ")}`,
        doctor.verified_at && `Verified ${dates.format(new Date(doctor.verified_at))}`,
        doctor.other_practices > 0 && `${doctor.other_practices} more ${doctor.other_practices === 1 ? "practice" : "practices"}`,
    ].filter(Boolean);
    return element(
        "li",
        number ? { id: `doctor-${number}`, tabindex: "-1" } : {},
        doctor.photo && element("img", { src: doctor.photo.url, alt: doctor.photo.alt, width: 64, height: 64, loading: "lazy" }),
        element("h3", {}, number && element("span", { class: "number" }, `${number} `), doctor.name),
        element("p", {}, [doctor.credentials, doctor.specialties.map(specialty).join(", ")].filter(Boolean).join(" · ")),
        element(
            "p",
            {},
            doctor.distance_km !== null && element("strong", {}, `${distance(doctor.distance_km)} · `),
            [practice.name, address].filter(Boolean).join(", "),
            practice.phone && [" · ", element("a", { href: `tel:${practice.phone}` }, practice.phone)],
        ),
        element("ul", { class: "facts" }, facts.map((fact) => element("li", {}, fact))),
        doctor.notice && element("p", { class: "hint" }, doctor.notice),
    );
}

function distance(km) {
    return km < 1 ? `${Math.round(km * 1000)} m` : `${km < 10 ? km.toFixed(1) : Math.round(km)} km`;
}

// --- The article.

function articleOf(query, found, article) {
    const others = found.conditions.filter(({ slug }) => slug !== article?.slug);
    const cards = others.map(({ slug, name, summary }) =>
        element("li", { dir: "auto" }, element("a", { href: linkTo({ condition: slug, specialty: "", intent: "" }) }, name), element("p", {}, summary)),
    );
    if (!article) return cards.length ? [element("h2", {}, "Articles"), element("ul", { class: "articles" }, cards)] : [];
    const place = found.query.place?.match;
    const aspect = found.query.intent.section;
    const translated = [
        element("h2", {}, article.name),
        article.notice && element("p", { class: "hint" }, article.notice),
        element("p", { class: "summary" }, article.summary),
        signed(article),
        article.sections.map((section) =>
            element(
                "details",
                { open: section.aspect === aspect },
                element("summary", {}, element("h3", {}, section.heading)),
                html("div", {}, section.html),
                sources(section.citations),
            ),
        ),
    ];
    const page = place && `/doctors/${article.slug}/${place.slug}/${query.locale ? `?locale=${query.locale}` : ""}`;
    return [
        // Its direction is that of its name.
        element("div", { lang: article.locale, dir: "auto" }, translated),
        page && element("p", {}, element("a", { href: page }, "This page to print or to share")),
        cards.length > 0 && [element("h2", {}, "See also"), element("ul", { class: "articles" }, cards)],
    ]
        .flat()
        .filter(Boolean);
}

function signed(article) {
    const { reviewer, last_reviewed, review_overdue } = article;
    const inEnglish = (...said) => element("bdi", { lang: "en" }, said);
    if (!reviewer) return element("p", { class: "hint" }, inEnglish("No doctor has reviewed this article."));
    const who = [reviewer.name, reviewer.credentials].filter(Boolean).join(", ");
    const when = last_reviewed ? ` on ${dates.format(new Date(last_reviewed))}` : "";
    return element("p", {}, inEnglish(`Reviewed by ${who}${when}.`, review_overdue && " The review is overdue."));
}

function sources(citations) {
    if (!citations.length) return null;
    const link = ({ title, source, url, doi }) => {
        const to = url || (doi && `https://doi.org/${doi}`);
        return [to ? element("a", { href: to, rel: "noreferrer" }, title) : title, source && `, ${source}`];
    };
    return [element("h4", { lang: "en" }, "Sources"), element("ul", {}, citations.map((one) => element("li", {}, link(one))))];
}

// --- What the user does.

// Anew, in the language that was chosen.
function search(line) {
    go({ q: line, ...chosenLocale() });
}

byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search(input.value.trim());
});
byId("here").addEventListener("click", () => {
    parts.status.textContent = "Asking for your position …";
    navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
            position = { lat: coords.latitude.toFixed(3), lng: coords.longitude.toFixed(3) };
            const line = input.value.trim();
            search(/near me$/i.test(line) ? line : `${line} near me`.trim());
        },
        () => {
            parts.status.textContent = "Your position is not known. Name a place instead.";
        },
        { timeout: 10_000, maximumAge: 600_000 },
    );
});
tongue?.addEventListener("change", () => go({ ...asked(), locale: tongue.value }));
window.addEventListener("hashchange", run);
const closeSuggestions = complete(input, byId("suggestions"), byId("suggestions-status"), chosenLocale, () => search(input.value.trim()));
run();
