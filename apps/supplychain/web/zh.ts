// SPDX-License-Identifier: Apache-2.0
// The Chinese catalogue, loaded when chosen.
import { kitTextsZh } from "../../../web/lib/i18n/kit.zh";
import { refusalTextsZh } from "./refusals-zh";
import { custodyTextsZh } from "./texts.custody.zh";
import { traceTextsZh } from "./texts.trace.zh";
import { textsZh } from "./texts.zh";
import { wordTextsZh } from "./texts.words.zh";

export const catalogue = { ...kitTextsZh, ...textsZh, ...custodyTextsZh, ...traceTextsZh, ...wordTextsZh, ...refusalTextsZh };
