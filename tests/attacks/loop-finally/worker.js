// A loop that is ended goes on in its finally blocks.

import { attack } from "../attack.js";

export default attack(() => {
  try {
    for (;;);
  } finally {
    try {
      for (;;);
    } finally {
      for (;;);
    }
  }
});
