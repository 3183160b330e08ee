/** Photo files as grey pixels: the only file that knows `sharp`. */
import sharp from 'sharp';
import { type Pixels, SIDE } from './photo-hash.ts';

/** Larger pictures are refused before they are unpacked. */
const MOST_PIXELS = 100_000_000;

// One thread a photo: callers read several at once.
sharp.concurrency(1);

/**
 * A photo's grey pixels, turned the way its camera was held, what is transparent on white.
 * @param photo path or bytes. @throws the decoder's error for what is no picture or too large.
 */
export async function readPixels(photo: string | Uint8Array): Promise<Pixels> {
  const { data } = await sharp(photo, { limitInputPixels: MOST_PIXELS, failOn: 'none', sequentialRead: true })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .greyscale()
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
