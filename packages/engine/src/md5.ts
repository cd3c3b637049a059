/**
 * MD5 of short texts, folded to a remainder. Thirty-two-bit integers only: no bignum, no byte array, no hex text.
 * Exists because a split needs nothing of the digest but its value modulo 9999, hundreds of times a request.
 */

// biome-ignore format: a table of constants
const K = Int32Array.of(
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
);

/** The message block being hashed. Shared: nothing here waits, so no two hashes overlap. */
const X = new Int32Array(16);
/** The four words of the digest so far. */
const H = new Int32Array(4);

/** How many bytes fit one block beside the padding. */
const ONE_BLOCK = 55;
const MODULUS = 9999;
const encoder = new TextEncoder();

/** The MD5 digest of `prefix + text` as UTF-8, read as one big-endian number, modulo 9999. */
export function md5Remainder(prefix: string, text: string): number {
  const length = prefix.length + text.length;
  H[0] = 0x67452301;
  H[1] = 0xefcdab89;
  H[2] = 0x98badcfe;
  H[3] = 0x10325476;
  if (length > ONE_BLOCK || !(fill(prefix, 0) && fill(text, prefix.length))) {
    X.fill(0);
    return hashBytes(encoder.encode(prefix + text));
  }
  X[length >> 2] = (X[length >> 2] as number) | (0x80 << ((length & 3) << 3));
  X[14] = length << 3;
  compress();
  X.fill(0);
  return fold();
}

/** Puts ASCII text into the block at a byte position; false, with the block spoilt, if the text is not ASCII. */
function fill(text: string, at: number): boolean {
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const position = at + index;
    seen |= unit;
    X[position >> 2] = (X[position >> 2] as number) | (unit << ((position & 3) << 3));
  }
  return seen < 0x80;
}

function hashBytes(bytes: Uint8Array): number {
  const blocks = ((bytes.length + 8) >> 6) + 1;
  for (let block = 0; block < blocks; block += 1) {
    X.fill(0);
    const start = block << 6;
    const end = Math.min(bytes.length, start + 64);
    for (let index = start; index < end; index += 1) put(index - start, bytes[index] as number);
    if (bytes.length >= start && bytes.length < start + 64) put(bytes.length - start, 0x80);
    if (block === blocks - 1) {
      X[14] = bytes.length << 3;
      X[15] = Math.floor(bytes.length / 0x20000000);
    }
    compress();
  }
  X.fill(0);
  return fold();
}

function put(position: number, byte: number): void {
  X[position >> 2] = (X[position >> 2] as number) | (byte << ((position & 3) << 3));
}

/** 7291, 1897, 6835 and 1 are 2^96, 2^64, 2^32 and 1 modulo 9999. The sum stays exact: it is below 2^46. */
function fold(): number {
  const sum =
    swapped(H[0] as number) * 7291 +
    swapped(H[1] as number) * 1897 +
    swapped(H[2] as number) * 6835 +
    swapped(H[3] as number);
  return sum - Math.floor(sum / MODULUS) * MODULUS;
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/**
 * One block of RFC 1321: four rounds of sixteen steps. Each step waits for the one before it, so its sum is written
 * with the part that depends on that one (`b`) last.
 */
function compress(): void {
  let a = H[0] as number;
  let b = H[1] as number;
  let c = H[2] as number;
  let d = H[3] as number;
  for (let i = 0; i < 16; i += 4) {
    a = (b + rotated(((a + (X[i] as number) + (K[i] as number)) | 0) + (d ^ (b & (c ^ d))), 7)) | 0;
    d = (a + rotated(((d + (X[i + 1] as number) + (K[i + 1] as number)) | 0) + (c ^ (a & (b ^ c))), 12)) | 0;
    c = (d + rotated(((c + (X[i + 2] as number) + (K[i + 2] as number)) | 0) + (b ^ (d & (a ^ b))), 17)) | 0;
    b = (c + rotated(((b + (X[i + 3] as number) + (K[i + 3] as number)) | 0) + (a ^ (c & (d ^ a))), 22)) | 0;
  }
  for (let i = 0, x = 1; i < 16; i += 4, x += 20) {
    a = (b + rotated(((a + (X[x & 15] as number) + (K[i + 16] as number) + (c & ~d)) | 0) + (b & d), 5)) | 0;
    d = (a + rotated(((d + (X[(x + 5) & 15] as number) + (K[i + 17] as number) + (b & ~c)) | 0) + (a & c), 9)) | 0;
    c = (d + rotated(((c + (X[(x + 10) & 15] as number) + (K[i + 18] as number) + (a & ~b)) | 0) + (d & b), 14)) | 0;
    b = (c + rotated(((b + (X[(x + 15) & 15] as number) + (K[i + 19] as number) + (d & ~a)) | 0) + (c & a), 20)) | 0;
  }
  for (let i = 0, x = 5; i < 16; i += 4, x += 12) {
    a = (b + rotated(((a + (X[x & 15] as number) + (K[i + 32] as number)) | 0) + (b ^ (c ^ d)), 4)) | 0;
    d = (a + rotated(((d + (X[(x + 3) & 15] as number) + (K[i + 33] as number)) | 0) + (a ^ (b ^ c)), 11)) | 0;
    c = (d + rotated(((c + (X[(x + 6) & 15] as number) + (K[i + 34] as number)) | 0) + (d ^ (a ^ b)), 16)) | 0;
    b = (c + rotated(((b + (X[(x + 9) & 15] as number) + (K[i + 35] as number)) | 0) + (c ^ (d ^ a)), 23)) | 0;
  }
  for (let i = 0, x = 0; i < 16; i += 4, x += 28) {
    a = (b + rotated(((a + (X[x & 15] as number) + (K[i + 48] as number)) | 0) + (c ^ (b | ~d)), 6)) | 0;
    d = (a + rotated(((d + (X[(x + 7) & 15] as number) + (K[i + 49] as number)) | 0) + (b ^ (a | ~c)), 10)) | 0;
    c = (d + rotated(((c + (X[(x + 14) & 15] as number) + (K[i + 50] as number)) | 0) + (a ^ (d | ~b)), 15)) | 0;
    b = (c + rotated(((b + (X[(x + 21) & 15] as number) + (K[i + 51] as number)) | 0) + (d ^ (c | ~a)), 21)) | 0;
  }
  H[0] = (H[0] as number) + a;
  H[1] = (H[1] as number) + b;
  H[2] = (H[2] as number) + c;
  H[3] = (H[3] as number) + d;
}
