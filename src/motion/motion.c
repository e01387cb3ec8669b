typedef int wf_motion_room;  // until the room has its first source file
