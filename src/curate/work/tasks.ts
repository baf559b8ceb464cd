import { filterTask } from "./filter-task.ts";
import { jaccardTask } from "./jaccard-task.ts";
import { keyTask } from "./key-task.ts";
import { openingKeyTask } from "./opening-key-task.ts";
import { sketchTask } from "./sketch-task.ts";
import type { AnyTask } from "./task.ts";

const tasks: readonly AnyTask[] = [filterTask, jaccardTask, keyTask, openingKeyTask, sketchTask];

/** The task of a name. */
export function findTask(name: string): AnyTask {
  const found = tasks.find((task) => task.name === name);
  if (found === undefined) throw new Error(`there is no task ${name}`);
  return found;
}
