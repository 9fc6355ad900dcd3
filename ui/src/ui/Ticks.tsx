/** Text in which names stand between backticks, shown in the code face. */
export function Ticks({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      // The parts of a sentence never reorder.
      // oxlint-disable-next-line react/no-array-index-key
      <code key={index} className="font-mono text-12">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
