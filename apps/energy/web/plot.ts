// SPDX-License-Identifier: Apache-2.0
// The plot, a script of its own beside the pages.
export { draw } from "../../../web/shell/plot";
