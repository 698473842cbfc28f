// SPDX-License-Identifier: Apache-2.0
// The Chinese catalogue, loaded when chosen.
import { kitTextsZh } from "../../../web/lib/i18n/kit.zh";
import { refusalTextsZh } from "./refusals-zh";
import { textsZh } from "./texts.zh";

export const catalogue = { ...kitTextsZh, ...textsZh, ...refusalTextsZh };
