// Reads a picture as tlkit does for training: upright, on white, averaged down to less than twice the size by whole
// numbers of pixels, then sampled between four neighbours.

const JPEG_SCALES = [8, 4, 2, 1]; // by which tlkit's decoder leaves details out

// The uint8 values (height, width, channels) of a file; share is that of the largest part with this shape, 0 for all of it.
export async function pixelsOf(file, { height, width, channels, share }) {
  let image = await decoded(file);
  if (channels === 1) image = grey(image);
  if (file.type === "image/jpeg") {
    const wanted = [width, height].map((side) => Math.ceil(side / (share || 1)));
    const fits = Math.min(Math.floor(image.width / wanted[0]), Math.floor(image.height / wanted[1]));
    const scale = JPEG_SCALES.find((each) => fits >= each) ?? 1;
    image = reduced(image, scale, scale);
  }
  if (share) image = cropped(image, width, height, share);
  image = reduced(image, Math.max(1, Math.floor(image.width / width)), Math.max(1, Math.floor(image.height / height)));
  return sampled(image, width, height).data;
}

async function decoded(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const image = blank(canvas.width, canvas.height, 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    image.data[to] = data[from];
    image.data[to + 1] = data[from + 1];
    image.data[to + 2] = data[from + 2];
  }
  return image;
}

function blank(width, height, channels) {
  return { width, height, channels, data: new Uint8ClampedArray(width * height * channels) };
}

function grey(image) {
  const made = blank(image.width, image.height, 1);
  for (let at = 0; at < made.data.length; at++) {
    const [red, green, blue] = image.data.subarray(3 * at, 3 * at + 3);
    made.data[at] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }
  return made;
}

function cropped(image, width, height, share) {
  const wide = Math.max(1, Math.round(share * Math.min(image.width, Math.max(1, Math.floor((image.height * width) / height)))));
  const high = Math.max(1, Math.round(share * Math.min(image.height, Math.max(1, Math.floor((image.width * height) / width)))));
  const left = Math.floor((image.width - wide) / 2);
  const top = Math.floor((image.height - high) / 2);
  const made = blank(wide, high, image.channels);
  for (let y = 0; y < high; y++) {
    const start = ((top + y) * image.width + left) * image.channels;
    made.data.set(image.data.subarray(start, start + wide * image.channels), y * wide * image.channels);
  }
  return made;
}

// Means of boxes; those at the right and lower edges may be smaller.
function reduced(image, wide, high) {
  if (wide === 1 && high === 1) return image;
  const { channels, data } = image;
  const made = blank(Math.ceil(image.width / wide), Math.ceil(image.height / high), channels);
  for (let y = 0; y < made.height; y++) {
    const bottom = Math.min(image.height, (y + 1) * high);
    for (let x = 0; x < made.width; x++) {
      const right = Math.min(image.width, (x + 1) * wide);
      const count = (bottom - y * high) * (right - x * wide);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let row = y * high; row < bottom; row++) {
          for (let column = x * wide; column < right; column++) sum += data[(row * image.width + column) * channels + channel];
        }
        made.data[(y * made.width + x) * channels + channel] = Math.floor(sum / count + 0.5);
      }
    }
  }
  return made;
}

function sampled(image, width, height) {
  if (image.width === width && image.height === height) return image;
  const { channels, data } = image;
  const made = blank(width, height, channels);
  const columns = neighbours(image.width, width);
  neighbours(image.height, height).forEach(([above, below, down], y) => {
    columns.forEach(([left, right, across], x) => {
      for (let channel = 0; channel < channels; channel++) {
        const at = (row, column) => data[(row * image.width + column) * channels + channel];
        const upper = at(above, left) * (1 - across) + at(above, right) * across;
        const lower = at(below, left) * (1 - across) + at(below, right) * across;
        made.data[(y * width + x) * channels + channel] = Math.floor(upper * (1 - down) + lower * down + 0.5);
      }
    });
  });
  return made;
}

// For each new position the two old ones that it lies between, and how far it is from the first.
function neighbours(before, after) {
  return Array.from({ length: after }, (_, index) => {
    const place = Math.min(Math.max(((index + 0.5) * before) / after - 0.5, 0), before - 1);
    const first = Math.floor(place);
    return [first, Math.min(first + 1, before - 1), place - first];
  });
}
