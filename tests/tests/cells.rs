//! Cells: processes that host isolates. What worker code that took one over could do with it, and what happens when one ends.

#[path = "cells/bodies.rs"]
mod bodies;
#[path = "cells/checks.rs"]
mod checks;
#[path = "cells/ends.rs"]
mod ends;
#[path = "cells/memory.rs"]
mod memory;
#[path = "cells/node.rs"]
mod node;
#[path = "cells/offences.rs"]
mod offences;
#[path = "cells/recycling.rs"]
mod recycling;
#[path = "cells/runaway.rs"]
mod runaway;
#[path = "cells/sandbox.rs"]
mod sandbox;
#[path = "cells/trust.rs"]
mod trust;

type Failure = Box<dyn std::error::Error + Send + Sync>;
