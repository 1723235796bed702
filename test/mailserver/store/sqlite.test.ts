import { openStoreHost } from '#mailserver/store/open.ts'
import { storeContract } from './contract.ts'

storeContract({ name: 'SQLite', open: (dir) => openStoreHost({ dir }), module: '#mailserver/store/open.ts' })
