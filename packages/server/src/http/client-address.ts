/** Where a request came from: the peer, or what proxies that the operator trusts say about it. */

type ReadAddress = () => string | undefined;

const peers = new WeakMap<Request, ReadAddress>();

/** Called where the connection is known; the address is read only when somebody asks. */
export function noteConnection(request: Request, address: ReadAddress): void {
  peers.set(request, address);
}

/**
 * Each trusted proxy appends the peer it saw to X-Forwarded-For: with two of them the second last entry is the client.
 * Anything before that is the client's own claim. "" = not known, as in tests without a socket.
 */
export function clientAddress(request: Request, trustedProxies: number): string {
  const peer = () => peers.get(request)?.() ?? "";
  if (trustedProxies === 0) return peer();
  const hops = (request.headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  return hops.at(-trustedProxies) || peer();
}
