import "./browser.ts";
import { describeJavascriptSdk, type JavascriptSdk } from "./javascript-suite.ts";

const { createFlagsmithInstance } = await import("flagsmith");
describeJavascriptSdk("flagsmith 10", () => createFlagsmithInstance() as unknown as JavascriptSdk);
