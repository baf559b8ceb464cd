export { criteriaForm, evaluationForm, implicitForm, pairwiseForm, scoreTexts } from "./forms.ts";
export { givenCriteria } from "./given-criteria.ts";
export { type ImportedPack, type ImportOptions, importPack } from "./import-pack.ts";
export { listPacks, type PackEntry } from "./list-packs.ts";
export { loadPack, type PackLocations } from "./load-pack.ts";
export { neutraliseMarkers, restoreMarkers } from "./markers.ts";
export { type Pack, type PackTemplate, type TemplateName, templateNames } from "./pack.ts";
export type { PackMarkers, PackMetadata } from "./pack-metadata.ts";
export { type ParsedCriteria, parseCriteria } from "./parse-criteria.ts";
export { type EvaluationAnswer, type ParsedEvaluation, parseEvaluation } from "./parse-evaluation.ts";
export { type ParsedVerdict, parseVerdict, type VerdictAnswer, type VerdictFault } from "./parse-verdict.ts";
export {
  renderCriteria,
  renderEvaluation,
  renderImplicit,
  renderPairwise,
  renderPerResponseCriteria,
} from "./render.ts";
export { neutraliseVerdicts, restoreVerdicts, type Verdict, verdictTexts } from "./verdicts.ts";
