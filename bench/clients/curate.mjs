// Curates pairs with cerm. Argument: {recipe, directory, threads}.
import { curate, readRecipe, stages } from "../../dist/curate/index.js";
import { measureProcess } from "../lib/measure-process.mjs";

const { recipe, directory, threads } = JSON.parse(process.argv[2]);
const finish = measureProcess();
const result = await curate(await readRecipe(recipe, stages), { directory, threads, version: "bench" });
const steps = result.stages.map(({ name, before, after, seconds }) => ({ name, before, after, seconds }));
console.log(JSON.stringify({ ...finish(), stages: steps }));
