/** The one place that names the release; clients see it in `Flagsmith-Version`, people in `burgee version`. */
export const VERSION = "0.1.0";
