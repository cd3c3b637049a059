/** A process for tests: opens the database named by its argument, prints its tables, closes it. */
import { sql } from "kysely";
import { openDatabase } from "../db/open-database.ts";

const db = await openDatabase(process.argv[2] ?? "");
const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db.kysely);
await db.close();
process.stdout.write(`opened ${rows.map((row) => row.name).join(" ")}\n`);
