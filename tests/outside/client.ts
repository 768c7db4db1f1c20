// A small client with generated types only: signs in, lists events page by page, registers for one, gives it up.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

type Event = components["schemas"]["Event"];
type Registration = components["schemas"]["Registration"];
type Problem = components["schemas"]["Problem"];

const baseUrl = process.argv[2];
if (baseUrl === undefined) throw new Error("usage: client.ts ADDRESS");
const api = createClient<paths>({ baseUrl });

/** What came, or an error with the problem's code. */
function must<T>(answer: { data?: T; error?: Problem }): T {
    if (answer.data === undefined) throw new Error(answer.error?.code ?? "no answer");
    return answer.data;
}

const email = "alumnus2@demo.example";
const tokens = must(
    await api.POST("/api/v1/auth/tokens", { body: { grant_type: "password", email, password: "homecoming-demo" } }),
);
const headers = { Authorization: `Bearer ${tokens.access_token}` };

async function* events(): AsyncGenerator<Event> {
    let cursor: string | null | undefined;
    do {
        const query = { status: ["published" as const], limit: 3, ...(cursor ? { cursor } : {}) };
        const page = must(await api.GET("/api/v1/events", { params: { query } }));
        yield* page.items;
        cursor = page.next;
    } while (cursor !== null);
}

async function register(event: Event): Promise<Registration | undefined> {
    const header = { "Idempotency-Key": `typescript-${event.id}` };
    const params = { path: { event: event.id }, header };
    const answer = await api.POST("/api/v1/events/{event}/registrations", { params, headers, body: { party_size: 1 } });
    return answer.data;
}

const seen = new Set<string>();
let mine: Registration | undefined;
for await (const event of events()) {
    if (seen.has(event.id)) throw new Error(`${event.id} came twice`);
    seen.add(event.id);
    const seats: number | null = event.capacity;
    const opens = seats === null || seats > 0;
    if (mine === undefined && opens && event.questions.length === 0) mine = await register(event);
}
if (mine === undefined) throw new Error("no event took the registration");
const place = mine.queue_position ?? "has seats";
const path = { registration: mine.id };
const gone = await api.DELETE("/api/v1/registrations/{registration}", { params: { path }, headers });
if (!gone.response.ok) throw new Error(gone.error?.code);
console.log(`${seen.size} events; ${mine.name}: ${mine.status}, ${place}; given up`);
