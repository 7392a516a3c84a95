/** The module that a host page imports: it defines `<segue-studio>`. */

import { SegueStudio } from "./studio/element.js";

export { SegueClient } from "./client.js";
export { SegueError } from "./failure.js";
export { SegueStudio };

if (!customElements.get("segue-studio")) customElements.define("segue-studio", SegueStudio);
