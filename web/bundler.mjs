// SPDX-License-Identifier: Apache-2.0
// esbuild as all of the pages' programs use it. Sources lie in the source tree and packages in the
// build tree (NODE_PATH names their folder), so bare imports are resolved from there: by NODE_PATH
// itself esbuild overlooks a package's "exports" and would take in another copy of it.
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const modules = resolve(process.env.NODE_PATH ?? "node_modules");
export const requirePackage = createRequire(join(modules, "x.js"));

const fromBuildTree = {
  name: "packages-of-the-build-tree",
  setup(build) {
    build.onResolve({ filter: /^[@\w]/ }, ({ path, kind, pluginData }) => {
      const isOurs = kind === "entry-point" || path.startsWith("node:") || pluginData === "resolved";
      if (isOurs) return undefined;
      return build.resolve(path, { kind, resolveDir: dirname(modules), pluginData: "resolved" });
    });
  },
};

export function bundle(options) {
  return requirePackage("esbuild").build({
    bundle: true,
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
    plugins: [fromBuildTree],
    ...options,
  });
}

// For programs that node itself runs.
export const FOR_NODE = { platform: "node", format: "esm", target: "node18" };
