import { Suspense, use } from "react";

interface PageProps {
  place: string;
  tides: Promise<string[]>;
}

export function Page({ place, tides }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>{`Tides at ${place}`}</title>
      </head>
      <body>
        <h1>Tides at {place}</h1>
        <Suspense fallback={<p>Asking the harbour…</p>}>
          <Tides tides={tides} />
        </Suspense>
        <footer>Rendered at the edge</footer>
      </body>
    </html>
  );
}

function Tides({ tides }: { tides: Promise<string[]> }) {
  return (
    <ul>
      {use(tides).map((tide) => (
        <li key={tide}>{tide}</li>
      ))}
    </ul>
  );
}
