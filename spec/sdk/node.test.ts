/** flagsmith-nodejs 8, and the 6 that the OpenFeature provider brings along: an older engine in the client, the same answers. */
import { createRequire } from "node:module";
import * as release8 from "flagsmith-nodejs";
import { describeNodeSdk, type NodePackage } from "./node-suite.ts";

describeNodeSdk("flagsmith-nodejs 8", release8 as unknown as NodePackage);

const besideProvider = createRequire(createRequire(import.meta.url).resolve("@openfeature/flagsmith-provider"));
describeNodeSdk("flagsmith-nodejs 6", besideProvider("flagsmith-nodejs") as NodePackage);
