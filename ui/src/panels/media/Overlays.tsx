import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { fileUrl, ownerKey, type FileOwner } from '~/api/client';
import { callText } from '~/api/http';
import type { Json } from '~/api/schema';
import { readBoxes, type MediaItem } from './model';
import { classColor, inkOn } from './overlay-color';

export interface OverlaysProps {
  owner: FileOwner;
  item: MediaItem;
  /** Names of boxes and masks that are switched off, as `boxes:name` and `masks:name`. */
  off: Set<string>;
}

export const overlayNames = (item: MediaItem): string[] => [
  ...Object.keys(item.boxes).map(name => `boxes:${name}`),
  ...Object.keys(item.masks).map(name => `masks:${name}`),
];

/** Boxes and masks laid over a picture, filling it exactly. */
export function Overlays({ owner, item, off }: OverlaysProps) {
  return (
    <>
      {Object.entries(item.masks).map(([name, path]) =>
        off.has(`masks:${name}`) ? null : <Mask key={name} url={fileUrl(owner, path)} />,
      )}
      {Object.entries(item.boxes).map(([name, path]) =>
        off.has(`boxes:${name}`) ? null : (
          <Boxes key={name} owner={owner} path={path} item={item} />
        ),
      )}
    </>
  );
}

function Boxes({ owner, path, item }: { owner: FileOwner; path: string; item: MediaItem }) {
  const { data } = useQuery({
    queryKey: ['boxes', ...ownerKey(owner), path],
    queryFn: async () => JSON.parse(await callText(fileUrl(owner, path))) as Json,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === undefined) return null;
  const { boxes, labels } = readBoxes(data, item.width ?? 1, item.height ?? 1);
  return boxes.map((box, index) => (
    <div
      // Boxes of one file never reorder.
      // oxlint-disable-next-line react/no-array-index-key
      key={index}
      className="pointer-events-none absolute border-2"
      style={{
        left: `${box.left * 100}%`,
        top: `${box.top * 100}%`,
        width: `${box.width * 100}%`,
        height: `${box.height * 100}%`,
        borderColor: classColor(box.classId),
      }}
    >
      <span
        className="absolute top-0 left-0 max-w-full truncate px-0.5 text-11 leading-3.5"
        style={{ background: classColor(box.classId), color: inkOn(classColor(box.classId)) }}
      >
        {box.caption ?? labels[box.classId] ?? `class ${box.classId}`}
      </span>
    </div>
  ));
}

/** A mask is a grey picture whose values are class numbers; 0 stays clear. */
function Mask({ url }: { url: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let current = true;
    const image = new Image();
    image.addEventListener('load', () => {
      if (current && canvas.current) paintMask(canvas.current, image);
    });
    image.src = url;
    return () => {
      current = false;
    };
  }, [url]);
  return (
    <canvas ref={canvas} className="pointer-events-none absolute inset-0 size-full opacity-55" />
  );
}

function paintMask(canvas: HTMLCanvasElement, image: HTMLImageElement): void {
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (!ctx || canvas.width === 0 || canvas.height === 0) return;
  ctx.drawImage(image, 0, 0);
  const pixels = ctx.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const classId = pixels.data[at];
    const color = Number.parseInt(classColor(classId).slice(1), 16);
    pixels.data.set(
      classId === 0 ? [0, 0, 0, 0] : [color >> 16, (color >> 8) & 255, color & 255, 255],
      at,
    );
  }
  ctx.putImageData(pixels, 0, 0);
}
