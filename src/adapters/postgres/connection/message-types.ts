/** Types of the messages a server sends. https://www.postgresql.org/docs/18/protocol-message-formats.html */
export const AUTHENTICATION = 0x52; // R
export const BACKEND_KEY = 0x4b; // K
export const READY = 0x5a; // Z
export const ERROR = 0x45; // E
export const PARSED = 0x31; // 1
export const BOUND = 0x32; // 2
export const CLOSED = 0x33; // 3
export const ROW_DESCRIPTION = 0x54; // T
export const NO_DATA = 0x6e; // n
export const DATA_ROW = 0x44; // D
export const COMPLETE = 0x43; // C
export const COPY_IN = 0x47; // G
