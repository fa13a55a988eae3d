import { checks, equal } from "../../check.js";
import type { Isle } from "./isle.ts";
import { area, type Shape } from "./isle";

enum Tide {
  Ebb,
  Flood = 5,
  Slack,
}

const enum Wind {
  North = "n",
}

class Boat<T extends string> {
  constructor(public readonly name: T, private crew: number = 2) {}
  declare cargo?: string;
  hands(): number {
    return this.crew!;
  }
}

namespace Charts {
  export const scale = 50_000;
}

abstract class Buoy {
  abstract colour(): string;
}

class Green extends Buoy {
  override colour() {
    return "green" satisfies string;
  }
}

function first<T>(list: T[]): T;
function first(list: unknown[]) {
  return list[0];
}

const unst: Isle = { name: "Unst", shape: [3, 4] };

export default checks({
  "enums": () => {
    equal([Tide.Ebb, Tide.Flood, Tide.Slack, Tide[6]], [0, 5, 6, "Slack"]);
    equal(Wind.North, "n");
    equal(Object.entries(Tide).length, 6);
  },
  "parameter properties": () => {
    const boat = new Boat("Ness" as const);
    equal([boat.name, boat.hands(), "cargo" in boat], ["Ness", 2, false]);
  },
  "namespaces": () => equal(Charts.scale, 50000),
  "abstract and override": () => equal(new Green().colour(), "green"),
  "overloads and generics": () => equal(first<string>(["a"]), "a"),
  "type-only imports": () => equal(area(unst.shape as Shape), 12),
} as Record<string, () => unknown>);
