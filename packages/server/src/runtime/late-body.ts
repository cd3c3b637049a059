/**
 * What Bun.serve makes of answers that come later than in the turn of the event loop in which their request arrived: a body from
 * 15 kB on it sends without gathering what goes before it, each header's name, colon, value and line end in a system call of its own.
 * For our nine headers these are 46 calls, which take five times as long as everything else. A direct stream that is written
 * whole and ended before any of it is sent leaves in one call, with its length.
 */

/** Below this Bun gathers. It counts bytes; to count characters is only to be careful too late, not wrong. */
const gatheredBelow = 15 * 1024;
/** Of one UTF-16 unit as UTF-8. */
const maxBytes = 3;

/** The body of an answer that had to wait for something; right for any, but only these gain. */
export function lateBody(text: string): string | ReadableStream {
  if (text.length < gatheredBelow) return text;
  const source: Bun.DirectUnderlyingSource = {
    type: "direct",
    pull: (controller) => {
      controller.write(text);
      void controller.end();
    },
  };
  // Browsers' types of a stream, which the dashboard brings along, know no direct ones.
  return new ReadableStream(source as unknown as UnderlyingDefaultSource, {
    highWaterMark: text.length * maxBytes + 1,
  });
}
