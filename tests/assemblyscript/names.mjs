// SPDX-License-Identifier: Apache-2.0
// A transform of the AssemblyScript compiler: exports get the names that the chain looks for
// (call_vote becomes call.vote), and the ABI beside the source becomes the section lmm.abi.
import { readFileSync } from "node:fs";
import { Transform } from "assemblyscript/transform";

export default class extends Transform {
  afterCompile(module) {
    for (let i = module.getNumExports() - 1; i >= 0; i--) {
      const info = this.binaryen.getExportInfo(module.getExportByIndex(i));
      const name = info.name.replace(/^(call|pay|view)_/, "$1.");
      if (name === info.name) continue;
      module.addFunctionExport(info.value, name);
      module.removeExport(info.name);
    }
    const abi = readFileSync(new URL("poll.json", import.meta.url));
    module.addCustomSection("lmm.abi", new Uint8Array(abi));
  }
}
