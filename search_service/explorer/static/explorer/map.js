// Where the doctors are, seen from the place: true in direction and distance from the middle (azimuthal equidistant),
// with rings for kilometres. No tiles, no other host.

import { svg } from "./dom.js";

const SIZE = 360;
const MIDDLE = SIZE / 2;
const RADIUS = MIDDLE - 24;
const EARTH_KM = 6371.0088;
const RINGS = 3;

export function draw(centre, results) {
    const spots = gather(results);
    const farthest = Math.max(...spots.map((spot) => distanceKm(centre, spot)), 0.5);
    const step = niceStep(farthest / RINGS);
    const scale = RADIUS / (step * RINGS);

    const rings = [...Array(RINGS).keys()].flatMap((ring) => {
        const km = (ring + 1) * step;
        return [
            svg("circle", { class: "ring", cx: MIDDLE, cy: MIDDLE, r: km * scale }),
            svg("text", { class: "km", x: MIDDLE, y: MIDDLE + km * scale - 4 }, `${km} km`),
        ];
    });
    const dots = spots.map((spot) => {
        const [x, y] = project(centre, spot, scale);
        const first = spot.numbers[0];
        const label = spot.numbers.length > 2 ? `${first}–${spot.numbers.at(-1)}` : spot.numbers.join(", ");
        return svg(
            "g",
            { class: "spot", onclick: () => document.getElementById(`doctor-${first}`)?.focus() },
            svg("title", {}, spot.name),
            svg("circle", { cx: x, cy: y, r: 7 }),
            svg("text", { x: x + 11, y: y + 4 }, label),
        );
    });
    return svg(
        "svg",
        { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": described(centre, spots, farthest) },
        rings,
        svg("text", { class: "km", x: MIDDLE, y: 14 }, "N"),
        svg("path", { class: "here", d: `M${MIDDLE - 7} ${MIDDLE}h14M${MIDDLE} ${MIDDLE - 7}v14` }),
        dots,
    );
}

// Doctors at one practice share a spot.
function gather(results) {
    const spots = new Map();
    results.forEach(({ practice }, index) => {
        const spot = spots.get(practice.id) ?? { ...practice, numbers: [] };
        spot.numbers.push(index + 1);
        spots.set(practice.id, spot);
    });
    return [...spots.values()];
}

function described(centre, spots, farthest) {
    const places = spots.length === 1 ? "1 practice" : `${spots.length} practices`;
    const km = farthest < 10 ? farthest.toFixed(1) : Math.round(farthest);
    return `Map: ${places} around ${centre.name}, the farthest ${km} km away. The list says the same in words.`;
}

function radians(degrees) {
    return (degrees * Math.PI) / 180;
}

function distanceKm(from, to) {
    const [a, b] = [radians(from.lat), radians(to.lat)];
    const half =
        Math.sin((b - a) / 2) ** 2 +
        Math.cos(a) * Math.cos(b) * Math.sin(radians(to.lng - from.lng) / 2) ** 2;
    return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

function project(from, to, scale) {
    const [a, b, turn] = [radians(from.lat), radians(to.lat), radians(to.lng - from.lng)];
    const bearing = Math.atan2(
        Math.sin(turn) * Math.cos(b),
        Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn),
    );
    const length = distanceKm(from, to) * scale;
    return [MIDDLE + length * Math.sin(bearing), MIDDLE - length * Math.cos(bearing)];
}

// 1, 2 or 5 times a power of ten, at least `km`.
function niceStep(km) {
    const power = 10 ** Math.floor(Math.log10(km));
    return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= km) ?? 10 * power;
}
