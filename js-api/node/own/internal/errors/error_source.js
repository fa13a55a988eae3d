// The source of a worker is not read again for the message of an assertion.
"use strict";
return { getErrorSourceExpression: () => undefined };
