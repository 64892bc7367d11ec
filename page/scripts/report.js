/** The page "Results": the committed report as something to explore, without the model. */

import { startPage } from "./report/page.js";

startPage();
