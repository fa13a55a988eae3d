// A leaderboard for each game, in SQL: the best score of each player, the top of the list, and the rank of one player.
// Try: curl -X PUT -d '{"score":120}' http://127.0.0.1:8787/games/chess/players/ada, then curl http://127.0.0.1:8787/games/chess

import { DurableObject } from "cloudflare:workers";

interface Env {
  LEADERBOARDS: DurableObjectNamespace<Leaderboard>;
}

type Place = { rank: number; name: string; score: number };

export class Leaderboard extends DurableObject<Env> {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS players (name TEXT PRIMARY KEY, score INTEGER NOT NULL, reached INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS players_by_score ON players (score DESC, reached, name);
    `);
  }

  /** Keeps the score if it is the player's best, and says where the player stands. */
  submit(name: string, score: number): Place {
    this.#sql.exec(
      `INSERT INTO players (name, score, reached) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET score = excluded.score, reached = excluded.reached WHERE excluded.score > score`,
      name,
      score,
      Date.now(),
    );
    return this.place(name)!;
  }

  /** The first of the list. Of those with the same score, who reached it first comes first; they share a rank. */
  top(count: number): Place[] {
    // The index gives the rows in their order, so that no more of them are read than are wanted.
    const query = `
      SELECT rank() OVER (ORDER BY score DESC) AS rank, name, score
      FROM (SELECT * FROM players ORDER BY score DESC, reached, name LIMIT ?)
      ORDER BY score DESC, reached, name`;
    return this.#sql.exec<Place>(query, count).toArray();
  }

  place(name: string): Place | null {
    const query = `
      SELECT (SELECT 1 + count(*) FROM players AS better WHERE better.score > player.score) AS rank, name, score
      FROM players AS player WHERE name = ?`;
    return this.#sql.exec<Place>(query, name).toArray()[0] ?? null;
  }
}

const list = new URLPattern({ pathname: "/games/:game" });
const player = new URLPattern({ pathname: "/games/:game/players/:name" });

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const { game, name } = (player.exec(url) ?? list.exec(url))?.pathname.groups ?? {};
    if (game === undefined) {
      return Response.json({ error: "use /games/GAME or /games/GAME/players/NAME" }, { status: 404 });
    }
    const leaderboard = env.LEADERBOARDS.getByName(game);
    if (request.method === "GET" && name === undefined) {
      const count = Number(url.searchParams.get("top") ?? 10);
      if (!Number.isInteger(count) || count < 1 || count > 100) {
        return Response.json({ error: "top must be a number from 1 to 100" }, { status: 400 });
      }
      return Response.json(await leaderboard.top(count));
    }
    if (request.method === "GET" && name !== undefined) {
      const place = await leaderboard.place(name);
      return place ? Response.json(place) : Response.json({ error: `${name} has not played` }, { status: 404 });
    }
    if (request.method === "PUT" && name !== undefined) {
      const body = await request.json<{ score?: unknown } | null>().catch(() => null);
      if (!Number.isSafeInteger(body?.score)) {
        return Response.json({ error: "the body must be JSON with a score, a whole number" }, { status: 400 });
      }
      return Response.json(await leaderboard.submit(name, body!.score as number));
    }
    return Response.json({ error: "use GET, or PUT for a player" }, { status: 405, headers: { Allow: "GET, PUT" } });
  },
} satisfies ExportedHandler<Env>;
