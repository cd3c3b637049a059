import "./browser.ts";
import { describeJavascriptSdk, type JavascriptSdk } from "./javascript-suite.ts";

const { createFlagsmithInstance } = await import("@flagsmith/flagsmith");
describeJavascriptSdk("@flagsmith/flagsmith 12", () => createFlagsmithInstance() as unknown as JavascriptSdk);
