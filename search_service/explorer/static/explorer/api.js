// The public API, asked as any app would ask it.

const PATIENCE_MS = 10_000;

// What the API refuses, or why it did not answer: `body` is a problem as of RFC 9457.
export class Problem extends Error {
    constructor(body) {
        super(body.detail || body.title);
        this.body = body;
    }
}

// `parameters` that are undefined, null or "" are left out. Rejects with a Problem, or when `signal` aborts with what
// fetch rejects with.
export async function get(path, parameters = {}, signal = undefined) {
    const address = new URL(`/api/v1/${path}`, location.origin);
    for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined && value !== null && value !== "") address.searchParams.set(name, value);
    }
    const tooLong = AbortSignal.timeout(PATIENCE_MS);
    let answer, body;
    try {
        answer = await fetch(address, { signal: signal ? AbortSignal.any([signal, tooLong]) : tooLong });
        body = await answer.json();
    } catch (error) {
        if (signal?.aborted) throw error;
        const title = tooLong.aborted
            ? "The search service takes too long to answer."
            : "The search service cannot be reached.";
        throw new Problem({ title, detail: "Try again in a moment." });
    }
    if (!answer.ok) throw new Problem(body);
    return body;
}
