// SPDX-License-Identifier: Apache-2.0
// The Chinese catalogue, loaded when chosen.
import { shellTextsZh } from "../../../web/lib/i18n/shell.zh";
import { textsZh } from "./texts.zh";

export const catalogue = { ...shellTextsZh, ...textsZh };
