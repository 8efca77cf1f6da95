; The setup for Windows: silent or by hand, for all accounts or for one.
;
;   OffCirc-X.Y.Z-setup.exe /S /AllUsers /CONFIG=\\server\offcirc.toml /DESK="Desk 2" /LIBRARY="BUC"
;
; /S           no question, no window
; /AllUsers    for everybody (needs an administrator; the default for one); /CurrentUser: for me
; /CONFIG=F    settings for the whole machine: checked first, then copied to
;              %ProgramData%\OffCirc\site.toml; the file that was there is kept beside it
; /DESK=N /LIBRARY=N /CIRCDESK=N   what this PC is called, written into these settings
; /D=FOLDER    where to install; the last word on the line, without quotation marks
;
; Exit codes: 0 done; 1 cancelled; 2 failed; 3 OffCirc is running; 4 this Windows is too old or not
; a 64-bit one; 5 the settings are not in order, nothing was changed; 6 the settings could not be
; put in place; 7 not allowed to install for everybody.
;
; Neither this setup nor the uninstaller ever touches journals, OffCirc.dat or site.toml.

Unicode true
!ifdef TARGET
  Target ${TARGET}
!endif
SetCompressor /SOLID lzma
SetCompressorDictSize 64
ManifestSupportedOS Win10
ManifestDPIAware true

!define NAME "OffCirc"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "Software\${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "Software\${NAME}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include x64.nsh
!include Win/COM.nsh
!include Win/Propkey.nsh

Name "${NAME}"
OutFile "${OUT}"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey CompanyName "The OffCirc contributors"
VIAddVersionKey FileDescription "${NAME} setup"
VIAddVersionKey LegalCopyright "MIT licence"
!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!ifdef SIGN
  !finalize '${SIGN} "%1"'
  !uninstfinalize '${SIGN} "%1"'
!endif

!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\offcirc-desk.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"

LangString RUNNING ${LANG_ENGLISH} "OffCirc is running on this PC. Please close its windows, then start the setup again. Nothing was changed."
LangString RUNNING ${LANG_FRENCH} "OffCirc est en cours d’utilisation sur ce poste. Fermez ses fenêtres, puis relancez l’installation. Rien n’a été modifié."
LangString TOO_OLD ${LANG_ENGLISH} "OffCirc needs a 64-bit Windows 10 or later."
LangString TOO_OLD ${LANG_FRENCH} "OffCirc a besoin de Windows 10 64 bits ou plus récent."
LangString FAULTY ${LANG_ENGLISH} "The settings file is not in order. Nothing was changed."
LangString FAULTY ${LANG_FRENCH} "Le fichier de réglages comporte des erreurs. Rien n’a été modifié."
LangString NOT_PLACED ${LANG_ENGLISH} "OffCirc is installed, but its settings could not be put in place."
LangString NOT_PLACED ${LANG_FRENCH} "OffCirc est installé, mais ses réglages n’ont pas pu être mis en place."
LangString NOT_ALLOWED ${LANG_ENGLISH} "Only an administrator can install OffCirc for everybody."
LangString NOT_ALLOWED ${LANG_FRENCH} "Seul un administrateur peut installer OffCirc pour tous."
LangString KEPT ${LANG_ENGLISH} "OffCirc is removed. What was recorded stays: in %LOCALAPPDATA%\OffCirc of each account, or in the data folder that the settings name. The settings stay in $0."
LangString KEPT ${LANG_FRENCH} "OffCirc est désinstallé. Ce qui a été enregistré reste : dans %LOCALAPPDATA%\OffCirc de chaque compte, ou dans le dossier de données indiqué par les réglages. Les réglages restent dans $0."
LangString DESK ${LANG_ENGLISH} "OffCirc – Offline Circulation"
LangString DESK ${LANG_FRENCH} "OffCirc – Prêt secouru"
LangString UPLOADER ${LANG_ENGLISH} "OffCirc – Upload"
LangString UPLOADER ${LANG_FRENCH} "OffCirc – Téléchargement"

Var Config
Var Desk
Var Library
Var CircDesk

; Say something and end with an exit code; silent, the sentence goes to the log alone.
!macro Refuse TEXT CODE
  DetailPrint "${TEXT}"
  MessageBox MB_OK|MB_ICONEXCLAMATION "${TEXT}" /SD IDOK
  SetErrorLevel ${CODE}
  Quit
!macroend

; A program that is running cannot be opened for writing.
!macro RefuseIfOpen FILE CODE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      !insertmacro Refuse "$(RUNNING)" ${CODE}
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

!macro RefuseIfRunning
  !insertmacro RefuseIfOpen "offcirc-desk.exe" 3
  !insertmacro RefuseIfOpen "offcirc-uploader.exe" 3
  !insertmacro RefuseIfOpen "offcirc.exe" 3
!macroend

; An entry of the Start menu, with the identity that the program's windows bear in the taskbar: what
; is pinned, and what runs, are one button.
!macro Entry TITLE PROGRAM IDENTITY
  StrCpy $5 "$SMPROGRAMS\${NAME}\${TITLE}.lnk"
  CreateShortCut $5 "$INSTDIR\${PROGRAM}"
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P<> 0
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
    ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
    ${If} $1 P<> 0
    ${AndIf} $2 P<> 0
      ${IPersistFile::Load} $1 '(r5,${STGM_READWRITE})'
      System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
      System::Call '*(&w64 "${IDENTITY}")p.r6'
      System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,p r6)p.r4'
      ${IPropertyStore::SetValue} $2 '(r3,r4)'
      ${IPropertyStore::Commit} $2 ""
      ${IPersistFile::Save} $1 '(r5,1)'
      System::Free $3
      System::Free $4
      System::Free $6
    ${EndIf}
    !insertmacro ComHlpr_SafeRelease $2
    !insertmacro ComHlpr_SafeRelease $1
    ${IUnknown::Release} $0 ""
  ${EndIf}
!macroend

; The value of /NAME= on the command line, left on the stack; empty if it is not there. Deployment
; tools put the quotation marks where they like: /DESK="Desk 2" and "/DESK=Desk 2" are the same.
Function Option
  Exch $R9 ; "/NAME="
  Push $R0
  Push $R1
  Push $R2
  Push $R3
  StrLen $R1 $R9
  StrCpy $R2 0
  find:
    StrCpy $R3 $CMDLINE $R1 $R2
    StrCmp $R3 "" nothing
    StrCmp $R3 $R9 found
    IntOp $R2 $R2 + 1
    Goto find
  nothing:
    StrCpy $R9 ""
    Goto done
  found:
    StrCpy $R3 " "
    IntCmp $R2 0 opened
    IntOp $R0 $R2 - 1
    StrCpy $R0 $CMDLINE 1 $R0
    StrCmp $R0 '"' 0 opened
    StrCpy $R3 '"'
  opened:
    IntOp $R2 $R2 + $R1
    StrCpy $R9 ""
    StrCpy $R0 $CMDLINE 1 $R2
    StrCmp $R0 '"' 0 next
    StrCpy $R3 '"'
    IntOp $R2 $R2 + 1
  next:
    StrCpy $R0 $CMDLINE 1 $R2
    StrCmp $R0 "" done
    StrCmp $R0 $R3 done
    StrCpy $R9 "$R9$R0"
    IntOp $R2 $R2 + 1
    Goto next
  done:
  Pop $R3
  Pop $R2
  Pop $R1
  Pop $R0
  Exch $R9
FunctionEnd

!macro ReadOption NAME VARIABLE
  Push "/${NAME}="
  Call Option
  Pop ${VARIABLE}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro Refuse "$(TOO_OLD)" 4
  ${EndIf}
  ; What /D= says holds, whatever an earlier installation was; so it is kept over the next line.
  StrCpy $R8 $INSTDIR
  !insertmacro MULTIUSER_INIT
  ${If} $R8 != ""
    StrCpy $INSTDIR $R8
  ${EndIf}
  !insertmacro ReadOption "CONFIG" $Config
  !insertmacro ReadOption "DESK" $Desk
  !insertmacro ReadOption "LIBRARY" $Library
  !insertmacro ReadOption "CIRCDESK" $CircDesk
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/AllUsers" $R1
  ${IfNot} ${Errors}
  ${AndIf} $MultiUser.InstallMode != "AllUsers"
    !insertmacro Refuse "$(NOT_ALLOWED)" 7
  ${EndIf}
  ClearErrors
FunctionEnd

Section "OffCirc"
  !insertmacro RefuseIfRunning
  ; Unpacked to a place of its own first: the settings are judged before anything is changed.
  InitPluginsDir
  SetOutPath "$PLUGINSDIR\new"
  File /r "${BUNDLE}/*"
  ${If} $Config != ""
    nsExec::ExecToLog '"$PLUGINSDIR\new\offcirc.exe" config check --from "$Config"'
    Pop $0
    ${If} $0 != 0
      !insertmacro Refuse "$(FAULTY)" 5
    ${EndIf}
  ${EndIf}

  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  CopyFiles /SILENT "$PLUGINSDIR\new\*.*" "$INSTDIR"
  ${IfNot} ${FileExists} "$INSTDIR\offcirc-desk.exe"
    SetErrorLevel 2
    Abort
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateDirectory "$SMPROGRAMS\${NAME}"
  Delete "$SMPROGRAMS\${NAME}\*.lnk"
  !insertmacro Entry "$(DESK)" "offcirc-desk.exe" "OffCirc.Desk"
  !insertmacro Entry "$(UPLOADER)" "offcirc-uploader.exe" "OffCirc.Uploader"

  WriteRegStr SHCTX "Software\${NAME}" "Folder" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\offcirc-desk.exe"
  WriteRegStr SHCTX "${KEY}" "Publisher" "The OffCirc contributors"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${KEY}" "NoRepair" 1

  StrCpy $1 ""
  ${If} $Config != ""
    StrCpy $1 '$1 --from "$Config"'
  ${EndIf}
  ${If} $Desk != ""
    StrCpy $1 '$1 --desk "$Desk"'
  ${EndIf}
  ${If} $Library != ""
    StrCpy $1 '$1 --library "$Library"'
  ${EndIf}
  ${If} $CircDesk != ""
    StrCpy $1 '$1 --circulation-desk "$CircDesk"'
  ${EndIf}
  ${If} $1 != ""
    SetShellVarContext all
    ; $APPDATA is %ProgramData% now.
    nsExec::ExecToLog '"$INSTDIR\offcirc.exe" config install$1 -o "$APPDATA\${NAME}\site.toml"'
    Pop $0
    ${If} $0 != 0
      !insertmacro Refuse "$(NOT_PLACED)" 6
    ${EndIf}
  ${EndIf}
  SetErrorLevel 0
SectionEnd

Function un.onInit
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section "Uninstall"
  !insertmacro RefuseIfRunning
  Delete "$INSTDIR\offcirc.exe"
  Delete "$INSTDIR\offcirc-desk.exe"
  Delete "$INSTDIR\offcirc-uploader.exe"
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\uninstall.exe"
  ; Only when nothing else is in it: nobody's files are ever taken along.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}\*.lnk"
  RMDir "$SMPROGRAMS\${NAME}"
  DeleteRegKey SHCTX "${KEY}"
  DeleteRegKey SHCTX "Software\${NAME}"
  SetShellVarContext all
  StrCpy $0 "$APPDATA\${NAME}"
  DetailPrint "$(KEPT)"
  MessageBox MB_OK|MB_ICONINFORMATION "$(KEPT)" /SD IDOK
  SetErrorLevel 0
SectionEnd
