/** What scripts in Thunderbird's main window are written with: folders by their whole names on the server (the inbox has another one in the program, by its version and language), letters by their subjects. */
export const preamble = `
  const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs')
  const { incomingServer } = MailServices.accounts.defaultAccount
  const folders = () => incomingServer.rootFolder.descendants
  const nameOf = (folder) => {
    const names = []
    for (let at = folder; !at.isServer; at = at.parent) names.unshift(at.getFlag(Ci.nsMsgFolderFlags.Inbox) ? 'INBOX' : at.name)
    return names.join('/')
  }
  const folder = (name) => folders().find((each) => nameOf(each) === name)
  const find = (name, subject) => [...folder(name).messages].find((each) => each.mime2DecodedSubject === subject)
  const pane = () => window.gTabmail.currentAbout3Pane
  const openFolder = (name) => {
    pane().displayFolder(folder(name).URI)
    folder(name).updateFolder(window.msgWindow)
  }
  const openLetter = (subject) => {
    const letter = find(nameOf(pane().gFolder), subject)
    if (letter) pane().threadTree.selectedIndex = pane().gDBView.findIndexOfMsgHdr(letter, true)
  }
  const shownText = () =>
    window.gTabmail.currentAboutMessage?.getMessagePaneBrowser()?.contentDocument?.body?.innerText ?? ''
  const soon = () => new Promise((resolve) => setTimeout(resolve, 40))
  const write = async (to, subject, path) => {
    const fields = Cc['@mozilla.org/messengercompose/composefields;1'].createInstance(Ci.nsIMsgCompFields)
    fields.to = to
    fields.subject = subject
    fields.body = 'Kính chuyển đồng chí.'
    const attachment = Cc['@mozilla.org/messengercompose/attachment;1'].createInstance(Ci.nsIMsgAttachment)
    const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile)
    file.initWithPath(path)
    attachment.url = Services.io.newFileURI(file).spec
    attachment.name = file.leafName
    attachment.contentType = 'application/pdf'
    fields.addAttachment(attachment)
    const params = Cc['@mozilla.org/messengercompose/composeparams;1'].createInstance(Ci.nsIMsgComposeParams)
    params.composeFields = fields
    params.identity = MailServices.accounts.defaultAccount.defaultIdentity
    params.type = Ci.nsIMsgCompType.New
    params.format = Ci.nsIMsgCompFormat.PlainText
    MailServices.compose.OpenComposeWindowWithParams(null, params)
    let writing
    while (!(writing = Services.wm.getMostRecentWindow('msgcompose'))?.gMsgCompose?.editor) await soon()
    while (writing.gLoadingComplete === false || !writing.document.getElementById('attachmentBucket').itemCount) await soon()
    writing.goDoCommand('cmd_sendNow')
    while (!writing.closed) await soon()
  }
`

/** What the account assistant stores at its end. `arguments`: address, password, port of IMAP, port of submission */
export const setUp = `
  const [address, password, imapPort, submissionPort] = arguments
  const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs')
  const login = (scheme) => {
    const info = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo)
    info.init(scheme + '://localhost', null, scheme + '://localhost', address, password, '', '')
    return Services.logins.addLoginAsync(info)
  }
  await login('imap')
  await login('smtp')
  const incoming = MailServices.accounts.createIncomingServer(address, 'localhost', 'imap')
  incoming.password = password
  incoming.port = imapPort
  incoming.socketType = Ci.nsMsgSocketType.alwaysSTARTTLS
  incoming.authMethod = Ci.nsMsgAuthMethod.passwordCleartext
  const outgoing = MailServices.outgoingServer.createServer('smtp').QueryInterface(Ci.nsISmtpServer)
  outgoing.hostname = 'localhost'
  outgoing.port = submissionPort
  outgoing.username = address
  outgoing.socketType = Ci.nsMsgSocketType.alwaysSTARTTLS
  outgoing.authMethod = Ci.nsMsgAuthMethod.passwordCleartext
  const identity = MailServices.accounts.createIdentity()
  identity.email = address
  identity.fullName = 'Trần Thị Hà'
  identity.smtpServerKey = outgoing.key
  const account = MailServices.accounts.createAccount()
  account.addIdentity(identity)
  account.incomingServer = incoming
  MailServices.accounts.defaultAccount = account
  incoming.valid = true
  incoming.performExpand(null)
`
