/** The carrier of a destination. */
import type { Carrier } from './carrier.ts';
import { folderCarrier } from './folder.ts';
import { type SftpPlace, sftpCarrier } from './sftp.ts';
import { type SmartBridgePlace, smartBridge } from './smartbridge.ts';

export type Destination =
  | { readonly is: 'folder'; readonly folder: string }
  | ({ readonly is: 'sftp' } & SftpPlace)
  | ({ readonly is: 'smartbridge' } & SmartBridgePlace);

export function carrierTo(to: Destination, now: () => Date): Carrier {
  if (to.is === 'folder') return folderCarrier(to.folder);
  return to.is === 'sftp' ? sftpCarrier(to) : smartBridge(to, now);
}
