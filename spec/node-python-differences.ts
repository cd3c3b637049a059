/**
 * Conditions on which the Node engine and the Python engine disagree. Flagsmith's server evaluates as Python does, and so do we;
 * a Node process with local evaluation cannot agree with either there. Everything not named here must agree.
 */

type TraitValue = string | number | boolean | undefined;

const isNumeric = (text: string) => /^-?[0-9]+(\.[0-9]+)?$/.test(text);
const isPlainInteger = (text: string) => /^(0|-?[1-9][0-9]*)$/.test(text);
const isPlainDecimal = (text: string) => /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text);
const isSemver = (text: string) => /^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/.test(text);

const ORDERINGS = ["GREATER_THAN", "GREATER_THAN_INCLUSIVE", "LESS_THAN", "LESS_THAN_INCLUSIVE"];

/** Equality and order of texts and numbers. */
function comparison(operator: string, value: string, trait: string | number): string | undefined {
  if (typeof trait === "number") {
    const isSame = Number.isInteger(trait) ? isPlainInteger(value) : isPlainDecimal(value);
    return isSame ? undefined : "Python wants a literal of the trait's own type, Node parses a prefix as a float";
  }
  if (!isNumeric(trait)) return undefined;
  if (!ORDERINGS.includes(operator) && isPlainInteger(trait) && isPlainInteger(value)) return undefined;
  return "Python reads a text that looks like a number as a number";
}

function semver(operator: string, value: string, trait: TraitValue): string | undefined {
  if (operator === "NOT_EQUAL") return "Node compares texts here";
  if (typeof trait !== "string" || !isSemver(trait))
    return "Node accepts more spellings of a version, and Python answers true for booleans";
  return isSemver(value.replace(":semver", "")) ? undefined : "Node accepts more spellings of a version";
}

function regex(value: string, trait: TraitValue): string | undefined {
  if (typeof trait === "boolean") return "Python spells booleans True and False";
  if (typeof trait === "string" && isNumeric(trait) && !isPlainDecimal(trait)) return "Python reads 007 as 7";
  if (!value.startsWith("^")) return "Python's match begins at the start of the text, Node's anywhere";
  return value.includes("(?") ? "other flavours of regular expressions" : undefined;
}

function modulo(value: string, trait: TraitValue): string | undefined {
  if (!/^[1-9]\d*(\.\d+)?\|\d+(\.\d+)?$/.test(value))
    return "Node accepts what is no number, Python raises for the divisor 0";
  if (typeof trait !== "number") return "Node parses texts as floats; Python counts booleans as 1 and 0";
  return trait < 0 ? "Python's remainder has the sign of the divisor" : undefined;
}

function membership(value: string, trait: TraitValue): string | undefined {
  if (trait === 0 || trait === "") return "Node finds nothing that is falsy";
  if (typeof trait === "number" && !Number.isInteger(trait)) return "Python finds no floats";
  if (typeof trait === "string" && isNumeric(trait) && !isPlainInteger(trait))
    return "Python reads 007 as 7 and finds no floats";
  if (value.trimStart().startsWith("[") && !/^\[("[^"]*"(, ?"[^"]*")*)?\]$/.test(value))
    return "lists of anything but texts";
  return undefined;
}

function contains(value: string, trait: TraitValue): string | undefined {
  if (typeof trait === "string" && isNumeric(trait)) return "Python has made a number of it, which contains nothing";
  if (value === "") return "Node: nothing contains nothing";
  return value.endsWith(":semver") ? "Node takes the suffix off" : undefined;
}

/** Why the two engines may differ on this condition for this trait; undefined where they must not. */
export function whyTheyDiffer(operator: string, value: string, trait: TraitValue): string | undefined {
  if (trait === undefined || operator === "IS_SET" || operator === "IS_NOT_SET") return undefined;
  switch (operator) {
    case "REGEX":
      return regex(value, trait);
    case "MODULO":
      return modulo(value, trait);
    case "IN":
      return membership(value, trait);
    case "CONTAINS":
    case "NOT_CONTAINS":
      return contains(value, trait);
    case "PERCENTAGE_SPLIT":
      return "Node does not look up traits to split by";
    default:
      if (value.endsWith(":semver")) return semver(operator, value, trait);
      return typeof trait === "boolean" ? undefined : comparison(operator, value, trait);
  }
}
