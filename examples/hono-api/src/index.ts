// A REST API on Hono: notes in memory, with validation, middleware, a 404 and an error handler.
// The notes live as long as the isolate; a real API keeps them in a database.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";
import { requestId } from "hono/request-id";
import { validator } from "hono/validator";

interface Note {
  id: number;
  title: string;
  text: string;
}

const notes = new Map<number, Note>();
let lastId = 0;

const app = new Hono();

app.use(logger());
app.use(requestId());

app.get("/", (c) => c.json({ name: "notes", endpoints: ["GET /notes", "POST /notes", "GET /notes/:id", "DELETE /notes/:id"] }));

app.get("/notes", (c) => {
  const search = c.req.query("search")?.toLowerCase() ?? "";
  return c.json([...notes.values()].filter((note) => note.title.toLowerCase().includes(search)));
});

const newNote = validator("json", (body: unknown, c) => {
  const { title, text = "" } = (body ?? {}) as Record<string, unknown>;
  const problems: Record<string, string> = {};
  if (typeof title !== "string" || title.trim() === "") {
    problems.title = "must be a string that is not empty";
  } else if (title.length > 100) {
    problems.title = "must not be longer than 100 characters";
  }
  if (typeof text !== "string") {
    problems.text = "must be a string";
  }
  if (Object.keys(problems).length > 0) {
    return c.json({ error: "the note is not valid", problems }, 400);
  }
  return { title: title as string, text: text as string };
});

app.post("/notes", newNote, (c) => {
  const note: Note = { id: ++lastId, ...c.req.valid("json") };
  notes.set(note.id, note);
  return c.json(note, 201, { Location: `/notes/${note.id}` });
});

app.get("/notes/:id{[0-9]+}", (c) => {
  const id = Number(c.req.param("id"));
  const note = notes.get(id);
  if (note === undefined) {
    throw new HTTPException(404, { message: `there is no note ${id}` });
  }
  return c.json(note);
});

app.delete("/notes/:id{[0-9]+}", (c) => {
  const id = Number(c.req.param("id"));
  if (!notes.delete(id)) {
    throw new HTTPException(404, { message: `there is no note ${id}` });
  }
  return c.body(null, 204);
});

// Shows what the error handler makes of a bug.
app.get("/bug", () => {
  throw new Error("a detail that clients must not see");
});

app.notFound((c) => c.json({ error: `there is nothing at ${c.req.path}` }, 404));

app.onError((error, c) => {
  if (error instanceof HTTPException) {
    return c.json({ error: error.message }, error.status);
  }
  console.error(error);
  return c.json({ error: "internal error", requestId: c.get("requestId") }, 500);
});

export default app;
