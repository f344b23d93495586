// `npm start`: installs what is missing, then runs the server.
import { join } from "node:path";
import { ensureInstalled, findBun, ROOT, runInForeground } from "./bootstrap.mjs";

ensureInstalled();
runInForeground(findBun(), [join(ROOT, "examples", "world", "start.ts")]);
