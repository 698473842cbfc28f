// SPDX-License-Identifier: Apache-2.0
// What a form begins with for a type, and what a form is not made for: a description may nest types
// without an end.
import { ABI_MAX_DEPTH, type Abi, type Field, type Json, typeOf } from "../lib/abi";

const MOST_FIELDS = 100; // that a form shows for one method before anything is added

class TooMany extends Error {}

function blank(abi: Abi, text: string, depth: number, count: { fields: number }): Json {
  if (depth > ABI_MAX_DEPTH || ++count.fields > MOST_FIELDS) throw new TooMany();
  const type = typeOf(abi, text);
  switch (type.is) {
    case "bool":
      return false;
    case "vec":
      return [];
    case "option":
    case "unknown":
      return null;
    case "fields":
      return Object.fromEntries(type.fields.map((field) => [field.name, blank(abi, field.type, depth + 1, count)]));
    default:
      return "";
  }
}

// Null where there would be too many fields: such a value is written as JSON.
function orNull(make: () => Json): Json {
  try {
    return make();
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

export const blankValue = (abi: Abi, type: string): Json => orNull(() => blank(abi, type, 1, { fields: 0 }));
export const blankFields = (abi: Abi, fields: Field[]): Json =>
  orNull(() => {
    const count = { fields: 0 };
    return Object.fromEntries(fields.map(({ name, type }) => [name, blank(abi, type, 1, count)]));
  });
