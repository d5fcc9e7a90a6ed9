/* ---------- colour: any agency colour must stay readable, WCAG AA ---------- */

const parts = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
const luminance = (color) => {
  const [r, g, b] = parts(color).map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const textOn = (color) => (contrast(color, '#ffffff') >= 4.5 ? '#ffffff' : '#000000');
const mix = (one, other, share) => '#' + parts(one)
  .map((part, at) => Math.round(part * (1 - share) + parts(other)[at] * share).toString(16).padStart(2, '0')).join('');
const readable = (color, surface, towards, enough) => {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(color, towards, share);
    if (contrast(mixed, surface) >= enough) return mixed;
  }
  return towards;
};
