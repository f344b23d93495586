// The direction of dependencies, as ARCHITECTURE.md draws it. Run by scripts/check-layers.mjs.
const only = (name, from, allowed, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    only(
      "core-alone",
      "^src/core/",
      ["^src/core/", "^node_modules/(graphql|zod)/"],
      "core imports only core, graphql and zod",
    ),
    only("client-alone", "^src/client/", ["^src/client/", "^src/core/errors\\.ts$"], "the client imports only itself"),
    only("ports-on-core", "^src/ports/", ["^src/(ports|core)/"], "ports import types of core"),
    only("flows-on-ports", "^src/flows/", ["^src/(flows|ports|core)/"], "flows import core and ports"),
    {
      name: "config-on-core",
      severity: "error",
      comment: "config stands on core alone",
      from: { path: "^src/config/" },
      to: { path: "^(src|routes|workers)/", pathNot: "^src/(config|core)/" },
    },
    {
      name: "adapters-apart",
      severity: "error",
      comment: "an adapter imports core, ports, its own folder and its own driver",
      from: { path: "^src/adapters/([^/]+)/" },
      to: { path: "^(src|routes|workers)/", pathNot: ["^src/(core|ports)/", "^src/adapters/$1/"] },
    },
    {
      name: "adapters-through-compose",
      severity: "error",
      comment: "routes, workers and the command line reach adapters only through src/compose",
      from: { path: "^(routes|workers|src/cli)/" },
      to: { path: "^src/adapters/" },
    },
    {
      name: "nothing-above",
      severity: "error",
      comment: "nothing below imports routes, workers or the command line",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^(routes|workers|src/cli)/" },
    },
    {
      name: "edge-without-worker",
      severity: "error",
      comment: "what runs at the edge reaches nothing of Bun's, of the embedded server or of a worker",
      from: { path: "^src/compose/edge\\.ts$" },
      to: {
        reachable: true,
        path: ["^src/adapters/embedded-postgres/", "^workers/", "^(child_process|fs|fs/promises)$", "^bun"],
      },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "a cycle has no direction",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      severity: "error",
      comment: "an import leads somewhere",
      from: {},
      to: { couldNotResolve: true, pathNot: "^bun(:|$)" },
    },
    {
      name: "tests-apart",
      severity: "error",
      comment: "the product does not import its tests, benchmarks or examples",
      from: { path: "^(src|routes|workers)/" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
