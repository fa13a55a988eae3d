const response = new Response(null, { status: 204, headers: { "x-isle": "Unst" } });

export default { fetch: () => response };
