import type { CSSProperties } from "react";
import { environmentLook } from "./environment-look.ts";
import classes from "./frame.module.css";

export interface EnvironmentDotProps {
  readonly environment: Parameters<typeof environmentLook>[0];
}

/** Stands before an environment's name, wherever it is named. */
export function EnvironmentDot({ environment }: EnvironmentDotProps) {
  const { colour } = environmentLook(environment);
  return <span className={classes["dot"]} style={{ "--dot": colour } as CSSProperties} aria-hidden />;
}

/** Over the pages of a production environment. */
export function ProductionBar({ environment }: EnvironmentDotProps) {
  const { isProduction, colour } = environmentLook(environment);
  if (!isProduction) return null;
  return <div className={classes["bar"]} style={{ "--bar": colour } as CSSProperties} aria-hidden />;
}
