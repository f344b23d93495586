/**
 * GraphiQL, for a browser that opens `/graphql`. The page holds no data.
 *
 * Its files come from jsDelivr, which hands out what lies in the npm packages; the browser takes them only if they are
 * byte for byte those of these versions. Of GraphiQL it is the last major version that is one file, so that nothing is
 * loaded behind the checked ones.
 */

const CDN = "https://cdn.jsdelivr.net/npm/";
const STYLE = {
  url: `${CDN}graphiql@3.9.0/graphiql.min.css`,
  integrity: "sha384-QMux00XgRtwRLSYIY3kw2rj1ovk5AuuliAchk+HSQbqdbGFnz9GYuqIlOqxhwCE2",
};
const SCRIPTS = [
  {
    url: `${CDN}react@18.3.1/umd/react.production.min.js`,
    integrity: "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
  },
  {
    url: `${CDN}react-dom@18.3.1/umd/react-dom.production.min.js`,
    integrity: "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
  },
  {
    url: `${CDN}graphiql@3.9.0/graphiql.min.js`,
    integrity: "sha384-8NGfVj4CVlqHajlZj+bPJT4thxPMHMJYn7DWK2CvtopLd02E7qsPHazniBYvVjOO",
  },
];

const START = `
const root = document.getElementById("graphiql");
if (window.GraphiQL) {
  const operations = GraphiQL.createFetcher({ url: location.pathname });
  const introspection = GraphiQL.createFetcher({ url: location.pathname + "/introspection" });
  const fetcher = (request, options) => (request.operationName === "IntrospectionQuery" ? introspection : operations)(request, options);
  ReactDOM.createRoot(root).render(React.createElement(GraphiQL, { fetcher }));
} else root.textContent = "GraphiQL could not be loaded from cdn.jsdelivr.net. Operations are answered all the same.";
`;
/** Of `START`, so that no other script in the page runs. A test holds it to the text. */
const START_HASH = "sha256-SYREetg5Q4YwAo0+gnPFneDMchwLv0ajFhuZnKX4vqk=";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="stylesheet" href="${STYLE.url}" integrity="${STYLE.integrity}" crossorigin="anonymous">
<style>body { margin: 0 } #graphiql { height: 100dvh }</style>
</head>
<body>
<div id="graphiql">Loading</div>
${SCRIPTS.map(({ url, integrity }) => `<script src="${url}" integrity="${integrity}" crossorigin="anonymous"></script>`).join("\n")}
<script>${START}</script>
</body>
</html>
`;

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  // No page may frame it and lead the clicks of somebody who is logged in; what its scripts learn they may tell this
  // server alone. GraphiQL writes styles into the page.
  "content-security-policy": [
    "default-src 'none'",
    `script-src ${SCRIPTS.map(({ url }) => url).join(" ")} '${START_HASH}'`,
    `style-src ${STYLE.url} 'unsafe-inline'`,
    "font-src data:",
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

export function graphiql(): Response {
  return new Response(PAGE, { headers: HEADERS });
}
