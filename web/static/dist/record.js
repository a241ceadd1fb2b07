export function enter(root) {}
