/** What the page's security policy asks of libraries. Imported before anything else. */
import { z } from "zod";
import "./nonce.ts";

// Schemas would be compiled to functions, which the policy forbids and reports.
z.config({ jitless: true });
