/** Whether a request is meant for this server: the `Host` header against the names it answers for. */

/** Browsers look these names up themselves, so a page cannot have its own name stand for them. */
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * A page can let its own name lead to this machine and then reads the answers as its own (DNS rebinding). What it cannot
 * do is to send another name than its own in `Host`. Names of the loopback are always answered for, and so are requests
 * without the header, which no browser sends.
 *
 * @param names - further names, `*.example.com` for all below one; undefined when any name will do
 */
export function hostCheck(names: readonly string[] | undefined): (request: Request) => boolean {
  if (names === undefined) return () => true;
  const allowed = names.map((name) => name.toLowerCase());
  const isAllowed = (name: string): boolean =>
    LOOPBACK.test(name) ||
    allowed.some((each) =>
      each.startsWith("*.") ? name.endsWith(each.slice(1)) && name !== each.slice(1) : name === each,
    );
  // Nearly all requests have the header of the one before, so it is seldom taken apart.
  let answered: string | null = null;
  return ({ headers }) => {
    const host = headers.get("host");
    if (host === answered || host === null) return true;
    if (!isAllowed(nameOf(host))) return false;
    answered = host;
    return true;
  };
}

/** Without the port and the dot that may end a name. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
