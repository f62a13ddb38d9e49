/* The map on the form of a practice. The fields "lat" and "lng" say where the point is; the map shows it and writes
   into them. Without tiles there are a coastline and a grid. */

const DECIMALS = 6; // a decimetre
const FINEST_ZOOM = 18;
const TOWN_ZOOM = 12;
const NEIGHBOURS_FROM_ZOOM = 7;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

class PracticeMapController extends window.StimulusModule.Controller {
  static targets = ["map", "message", "found"];

  static values = {
    landUrl: String,
    findUrl: String,
    neighboursUrl: String,
    tileUrl: String,
    attribution: String,
    but: String,
  };

  connect() {
    const form = this.element.closest("form");
    this.fields = Object.fromEntries(
      ["lat", "lng", "locality", "region", "postal_code", "country", "time_zone"].map((name) => [
        name,
        form.elements.namedItem(name),
      ]),
    );
    this.map = window.L.map(this.mapTarget, { worldCopyJump: true, maxZoom: FINEST_ZOOM });
    this.map.attributionControl.setPrefix("Leaflet");
    this.drawBackground();
    this.grid = window.L.layerGroup().addTo(this.map);
    this.neighbours = window.L.layerGroup().addTo(this.map);
    this.marker = window.L.marker([0, 0], { draggable: true, keyboard: true, alt: "The point of the practice" });
    this.marker.on("dragend", () => this.write(this.marker.getLatLng()));
    this.marker.on("add", () => {
      this.marker.getElement().addEventListener("keydown", (event) => this.step(event));
    });
    this.map.on("click", (event) => this.write(event.latlng));
    this.map.on("moveend", () => this.drawSurroundings());
    this.read = () => this.show();
    this.fields.lat.addEventListener("input", this.read);
    this.fields.lng.addEventListener("input", this.read);
    const point = this.point();
    this.map.setView(point || [20, 10], point ? TOWN_ZOOM - 3 : 1);
    this.show();
    // In a panel that was folded the map has had no size.
    this.resized = new ResizeObserver(() => this.map.invalidateSize());
    this.resized.observe(this.mapTarget);
  }

  disconnect() {
    this.resized.disconnect();
    this.fields.lat.removeEventListener("input", this.read);
    this.fields.lng.removeEventListener("input", this.read);
    this.map.remove();
  }

  /* The point that the fields say, or null. */
  point() {
    const [lat, lng] = [this.fields.lat, this.fields.lng].map((field) =>
      field.value.trim() === "" ? NaN : Number(field.value),
    );
    return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? window.L.latLng(lat, lng) : null;
  }

  show() {
    const point = this.point();
    if (!point) {
      this.marker.remove();
      return;
    }
    this.marker.setLatLng(point).addTo(this.map);
    if (!this.map.getBounds().contains(point)) this.map.panTo(point);
  }

  /* Write a point into the fields, as if it had been typed. */
  write(latlng) {
    const { lat, lng } = latlng.wrap();
    const values = { lat: Math.max(-90, Math.min(90, lat)), lng };
    Object.entries(values).forEach(([name, value]) => {
      this.fields[name].value = String(Number(value.toFixed(DECIMALS)));
    });
    ["lat", "lng"].forEach((name) => {
      ["input", "change"].forEach((type) => this.fields[name].dispatchEvent(new Event(type, { bubbles: true })));
    });
  }

  step(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation(); // the map would move, too
    const pixels = event.shiftKey ? 20 : 1;
    const at = this.map.latLngToContainerPoint(this.marker.getLatLng());
    this.write(this.map.containerPointToLatLng(at.add(arrow.map((direction) => direction * pixels))));
  }

  async find() {
    const address = ["locality", "region", "postal_code", "country"].map((name) => [name, this.fields[name].value]);
    this.messageTarget.textContent = "Looking…";
    this.foundTarget.replaceChildren();
    let answer;
    try {
      const response = await fetch(`${this.findUrlValue}?${new URLSearchParams(address)}`);
      answer = await response.json();
    } catch {
      answer = { error: "The address could not be looked up. Try again." };
    }
    if (answer.error || !answer.places.length) {
      this.messageTarget.textContent = answer.error || "No such place is known in that country.";
      return;
    }
    const [first, ...others] = answer.places;
    this.take(first);
    this.foundTarget.replaceChildren(
      ...others.map((place) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button button-small button-secondary";
        button.textContent = place.label;
        button.addEventListener("click", () => this.take(place));
        return button;
      }),
    );
  }

  take(place) {
    const zone = this.fields.time_zone;
    if (!zone.value) zone.value = place.time_zone;
    this.write(window.L.latLng(place.lat, place.lng));
    this.map.setView([place.lat, place.lng], TOWN_ZOOM);
    this.messageTarget.textContent = `The middle of ${place.label}. Now move the point to the entrance.`;
  }

  async drawBackground() {
    if (this.tileUrlValue) {
      const attribution = this.attributionValue;
      window.L.tileLayer(this.tileUrlValue, { attribution, maxZoom: FINEST_ZOOM }).addTo(this.map);
      return;
    }
    const pane = this.map.createPane("land"); // under the grid, whenever it arrives
    pane.style.zIndex = 300;
    const style = { color: "#7d8f78", weight: 1, fillColor: "#f4f1e8", fillOpacity: 1 };
    const response = await fetch(this.landUrlValue);
    window.L.geoJSON(await response.json(), {
      style,
      interactive: false,
      attribution: "Natural Earth",
      renderer: window.L.svg({ padding: 1, pane: "land" }),
    }).addTo(this.map);
  }

  drawSurroundings() {
    this.drawGrid();
    this.drawNeighbours();
  }

  /* Lines of round degrees, about as many at each zoom. */
  drawGrid() {
    this.grid.clearLayers();
    const bounds = this.map.getBounds();
    const span = Math.min(bounds.getEast() - bounds.getWest(), 360);
    const size = [60, 30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].find(
      (degrees) => span / degrees >= 5,
    );
    if (!size) return;
    const line = { color: "#6b8796", weight: 0.5, opacity: 0.7, interactive: false };
    const [south, north] = [Math.max(bounds.getSouth(), -85), Math.min(bounds.getNorth(), 85)];
    const draw = (from, to, ends, at, letters) => {
      for (let step = Math.ceil(from / size); step * size <= to; step += 1) {
        const degrees = step * size;
        window.L.polyline(ends(degrees), line).addTo(this.grid);
        const turned = letters === "EW" ? ((((degrees + 180) % 360) + 360) % 360) - 180 : degrees;
        const text = `${Math.abs(Number(turned.toFixed(3)))}° ${turned < 0 ? letters[1] : letters[0]}`;
        const icon = window.L.divIcon({ className: "practice-map__degrees", html: text, iconSize: null });
        window.L.marker(at(degrees), { icon, interactive: false, keyboard: false }).addTo(this.grid);
      }
    };
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    draw(
      south,
      north,
      (lat) => [
        [lat, west],
        [lat, east],
      ],
      (lat) => [lat, west],
      "NS",
    );
    draw(
      west,
      east,
      (lng) => [
        [south, lng],
        [north, lng],
      ],
      (lng) => [north, lng],
      "EW",
    );
  }

  async drawNeighbours() {
    if (this.map.getZoom() < NEIGHBOURS_FROM_ZOOM) {
      this.neighbours.clearLayers();
      return;
    }
    const { lat, lng } = this.map.getCenter().wrap();
    const query = new URLSearchParams({ lat, lng, but: this.butValue });
    let practices;
    try {
      const response = await fetch(`${this.neighboursUrlValue}?${query}`);
      ({ practices } = await response.json());
    } catch {
      return; // the map does without them
    }
    this.neighbours.clearLayers();
    practices.forEach((practice) => {
      const name = document.createElement("span");
      name.textContent = practice.name;
      window.L.circleMarker([practice.lat, practice.lng], { radius: 5, weight: 1, color: "#00676a", opacity: 0.5 })
        .bindTooltip(name)
        .addTo(this.neighbours);
    });
  }
}

window.wagtail.app.register("practice-map", PracticeMapController);
