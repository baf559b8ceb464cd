import { contaminationTask } from "./contamination-task.ts";
import { filterTask } from "./filter-task.ts";
import { jaccardTask } from "./jaccard-task.ts";
import { keyTask } from "./key-task.ts";
import { openingKeyTask } from "./opening-key-task.ts";
import { sketchTask } from "./sketch-task.ts";
import type { AnyTask } from "./task.ts";
import { vectorTask } from "./vector-task.ts";

const tasks: readonly AnyTask[] = [
  contaminationTask,
  filterTask,
  jaccardTask,
  keyTask,
  openingKeyTask,
  sketchTask,
  vectorTask,
];

/** The task of a name. */
export function findTask(name: string): AnyTask {
  const found = tasks.find((task) => task.name === name);
  if (found === undefined) throw new Error(`there is no task ${name}`);
  return found;
}
