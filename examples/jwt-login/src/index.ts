// A login: POST /login validates its body with zod and answers a JWT signed with jose (HS256); GET /me verifies it.
// Try: curl -d '{"email":"ada@example.com","password":"correct horse"}' http://127.0.0.1:8787/login

import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { checkPassword } from "./users";

interface Env {
  JWT_SECRET: string;
}

const ISSUER = "https://skerry.example";
const LIFETIME_SECONDS = 3600;

const Login = z.object({
  email: z.email(),
  password: z.string().min(8).max(200),
});

const Claims = z.object({
  sub: z.email(),
  name: z.string(),
  exp: z.number(),
});

async function login(request: Request, env: Env): Promise<Response> {
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    return Response.json({ error: "the body is not JSON" }, { status: 400 });
  }
  const parsed = Login.safeParse(body);
  if (!parsed.success) {
    const { fieldErrors } = z.flattenError(parsed.error);
    return Response.json({ error: "the body is not valid", fields: fieldErrors }, { status: 400 });
  }
  const user = await checkPassword(parsed.data.email, parsed.data.password);
  if (user === null) {
    return Response.json({ error: "wrong email or password" }, { status: 401 });
  }
  const token = await new SignJWT({ name: user.name })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setSubject(user.email)
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(secretOf(env));
  const answer = { token, token_type: "Bearer", expires_in: LIFETIME_SECONDS };
  return Response.json(answer, { headers: { "Cache-Control": "no-store" } });
}

async function me(request: Request, env: Env): Promise<Response> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (token === undefined) {
    return unauthorized("a bearer token is needed");
  }
  try {
    const { payload } = await jwtVerify(token, secretOf(env), { issuer: ISSUER, algorithms: ["HS256"] });
    const claims = Claims.parse(payload);
    return Response.json({ email: claims.sub, name: claims.name, expires: new Date(claims.exp * 1000).toISOString() });
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return unauthorized("the token has expired");
    }
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
      return unauthorized("the token is not valid");
    }
    throw error;
  }
}

function unauthorized(error: string): Response {
  return Response.json({ error }, { status: 401, headers: { "WWW-Authenticate": "Bearer" } });
}

function secretOf(env: Env): Uint8Array {
  return new TextEncoder().encode(env.JWT_SECRET);
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case "POST /login":
        return login(request, env);
      case "GET /me":
        return me(request, env);
      default:
        return Response.json({ error: "use POST /login or GET /me" }, { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
